/* SPDX-License-Identifier: MIT */
#include "vt-runtime/descriptors.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vt-runtime/iovec.h"

#define DESCRIPTORS_MAX 253 /* that the kernel passes with one message */

typedef union Control {
    struct cmsghdr head; /* aligns the buffer */
    char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
} Control;

static void
close_one(void *descriptor)
{
    close(*(int *)descriptor);
}

GArray *
vt_descriptors_new(void)
{
    GArray *descriptors = g_array_new(FALSE, FALSE, sizeof(int));

    g_array_set_clear_func(descriptors, close_one);
    return descriptors;
}

GArray *
vt_descriptors_take(GArray *descriptors)
{
    GArray *taken = vt_descriptors_new();
    gsize n = 0;
    g_autofree int *data = g_array_steal(descriptors, &n);

    g_array_append_vals(taken, data, (guint)n);
    return taken;
}

void
vt_descriptors_clear(GArray *descriptors)
{
    g_array_set_size(descriptors, 0);
}

ssize_t
vt_descriptors_receive(int socket, void *data, size_t size, int flags, GArray *descriptors)
{
    Control control;
    struct iovec part = {data, size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);

    if (n < 0) {
        return n;
    }
    for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
        if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SCM_RIGHTS) {
            vt_descriptors_clear(descriptors);
            g_array_append_vals(descriptors, CMSG_DATA(each), (guint)((each->cmsg_len - CMSG_LEN(0)) / sizeof(int)));
        }
    }
    return n;
}

ssize_t
vt_descriptors_send(int socket, const void *data, size_t size, int flags, const GArray *descriptors)
{
    Control control;
    struct iovec part = vt_iovec(data, size);
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    size_t len = descriptors->len * sizeof(int);

    g_assert(descriptors->len <= DESCRIPTORS_MAX);
    if (len) {
        struct cmsghdr *head = &control.head;

        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(len);
        *head = (struct cmsghdr){.cmsg_len = CMSG_LEN(len), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(head), descriptors->data, len);
    }
    return sendmsg(socket, &message, flags);
}
