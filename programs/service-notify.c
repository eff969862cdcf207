/* SPDX-License-Identifier: MIT */
#include "service-notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define VARIABLE "NOTIFY_SOCKET"

static int notify_socket = -1;

/* @name: a path, or a name in the abstract namespace after an at sign. */
static int
connect_to(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    int fd;

    if ((*name != '/' && *name != '@') || len >= sizeof address.sun_path) {
        return -1;
    }
    memcpy(address.sun_path, name, len);
    if (*name == '@') {
        address.sun_path[0] = '\0';
    }
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 &&
        connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* write(), because a sandbox may deny the calls of sockets. A service manager that is gone gets nothing. */
static void
notify(const char *message)
{
    if (notify_socket >= 0 && write(notify_socket, message, strlen(message)) < 0) {
        g_debug("the service manager does not take messages");
    }
}

void
service_notify_open(void)
{
    const char *name = g_getenv(VARIABLE);

    if (name) {
        notify_socket = connect_to(name);
        g_unsetenv(VARIABLE);
    }
}

void
service_notify_close(void)
{
    if (notify_socket >= 0) {
        close(notify_socket);
        notify_socket = -1;
    }
}

/* The process that serves may not be the one that the service manager started. */
void
service_notify_ready(void)
{
    g_autofree char *message = g_strdup_printf("READY=1\nMAINPID=%d", (int)getpid());

    notify(message);
}

void
service_notify_reloading(void)
{
    g_autofree char *message = g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time());

    notify(message);
}

void
service_notify_stopping(void)
{
    notify("STOPPING=1");
}
