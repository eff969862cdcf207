/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static size_t
can_read(void *opaque)
{
    const Front *front = opaque;

    return front->owed->len ? 0 : front->room;
}

/* A byte array keeps its allocation, so the pending data stays small and does not hide a leak. */
static void
write_owed(Front *front)
{
    size_t n = vt_char_write(front->front, front->owed->data, front->owed->len);

    if (n) {
        g_byte_array_remove_range(front->owed, 0, (guint)n);
    }
}

static void
read_bytes(void *opaque, const uint8_t *data, size_t size)
{
    Front *front = opaque;

    g_assert_cmpuint(size, <=, front->room);
    front->count += size;
    if (front->got) {
        g_byte_array_append(front->got, data, (guint)size);
    }
    if (front->echoes) {
        size_t n = vt_char_write(front->front, data, size);

        g_byte_array_append(front->owed, data + n, (guint)(size - n));
    }
}

static void
on_event(void *opaque, VtCharEvent event)
{
    g_string_append_c(((Front *)opaque)->events, "ocb+-"[event]);
}

static void
on_writable(void *opaque)
{
    Front *front = opaque;

    g_string_append_c(front->events, 'w');
    if (front->owed->len) {
        write_owed(front);
        vt_char_accept_input(front->front);
    }
}

void
front_init(Front *front, VtObject *chardev, const char *user)
{
    static const VtCharFrontOps ops = {
        .can_read = can_read, .read = read_bytes, .event = on_event, .writable = on_writable};
    g_autoptr(GError) error = NULL;

    *front = (Front){.room = 65536, .owed = g_byte_array_new(), .events = g_string_new(NULL)};
    front->front = vt_char_attach(chardev, user, &ops, front, &error);
    g_assert_no_error(error);
}

void
front_clear(Front *front)
{
    vt_char_detach(front->front);
    g_byte_array_unref(front->owed);
    if (front->got) {
        g_byte_array_unref(front->got);
    }
    g_string_free(front->events, TRUE);
}

void
front_await(Front *front, uint64_t count)
{
    while (front->count < count) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpuint(front->count, ==, count);
}

void
front_await_events(Front *front, const char *end)
{
    while (!g_str_has_suffix(front->events->str, end)) {
        g_main_context_iteration(NULL, TRUE);
    }
}

void
front_take(Front *front, size_t room)
{
    front->room = room;
    vt_char_accept_input(front->front);
}

VtObject *
line_new_called(TestVm *vm, const char *text, const char *id)
{
    g_autofree char *line = g_strconcat("chardev ", text, NULL);
    g_autoptr(GError) error = NULL;
    VtObject *chardev;
    bool good = test_vm_start(vm, line, &error);

    g_assert_no_error(error);
    g_assert_true(good);
    chardev = vt_vm_find(vm->vm, "chardev", id);
    g_assert_nonnull(chardev);
    return chardev;
}

VtObject *
line_new(TestVm *vm, const char *text)
{
    return line_new_called(vm, text, "c");
}

void
line_delete(TestVm *vm, const char *id)
{
    g_autoptr(GError) error = NULL;
    bool good = vt_vm_delete(vm->vm, "chardev", id, &error);

    g_assert_no_error(error);
    g_assert_true(good);
}

static struct sockaddr_un
address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    g_assert_cmpuint(strlen(path), <, sizeof address.sun_path);
    strcpy(address.sun_path, path);
    return address;
}

int
line_connect(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

int
line_listen(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    unlink(path);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(fd, 4), ==, 0);
    return fd;
}

static gboolean
on_timeout(gpointer done)
{
    *(bool *)done = true;
    return G_SOURCE_REMOVE;
}

void
line_wait(unsigned ms)
{
    bool done = false;

    g_timeout_add(ms, on_timeout, &done);
    while (!done) {
        g_main_context_iteration(NULL, TRUE);
    }
}
