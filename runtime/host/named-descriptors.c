/* SPDX-License-Identifier: MIT */
#include "vt-runtime/named-descriptors.h"

#include <string.h>
#include <unistd.h>

#include "vt-runtime/error.h"

typedef struct Named {
    const void *session;
    char *name;
    int fd; /* -1: it was taken */
} Named;

static GArray *named_all; /* of Named; NULL: none */
static const void *asking;

static void
named_clear(void *opaque)
{
    Named *named = opaque;

    if (named->fd >= 0) {
        close(named->fd);
    }
    g_free(named->name);
}

/* @name: NULL: any.  @session: NULL: any. */
static Named *
find_named(const void *session, const char *name)
{
    for (guint i = 0; named_all && i < named_all->len; i++) {
        Named *named = &g_array_index(named_all, Named, i);

        if ((!session || named->session == session) && (!name || strcmp(named->name, name) == 0)) {
            return named;
        }
    }
    return NULL;
}

static void
drop_named(const Named *named)
{
    g_array_remove_index(named_all, (guint)(named - (const Named *)(const void *)named_all->data));
    if (!named_all->len) {
        g_clear_pointer(&named_all, g_array_unref);
    }
}

void
vt_named_descriptor_add(const void *session, const char *name, int fd)
{
    Named named = {session, g_strdup(name), fd};

    vt_named_descriptor_close(session, name);
    if (!named_all) {
        named_all = g_array_new(FALSE, FALSE, sizeof(Named));
        g_array_set_clear_func(named_all, named_clear);
    }
    g_array_append_val(named_all, named);
}

bool
vt_named_descriptor_close(const void *session, const char *name)
{
    const Named *named = find_named(session, name);

    if (named) {
        drop_named(named);
    }
    return named != NULL;
}

void
vt_named_descriptors_clear(const void *session)
{
    while (vt_named_descriptor_close(session, NULL)) {
    }
}

const void *
vt_named_descriptors_enter(const void *session)
{
    const void *former = asking;

    asking = session;
    return former;
}

static bool
parse_number(const char *text, int *ret_fd)
{
    guint64 number;
    bool ok = g_ascii_string_to_unsigned(text, 10, STDERR_FILENO + 1, G_MAXINT, &number, NULL);

    *ret_fd = ok ? (int)number : -1;
    return ok;
}

/* QEMU reads a text that begins with a digit as a number. */
static bool
may_be_name(const char *text)
{
    return *text && !g_ascii_isdigit(*text);
}

bool
vt_descriptor_check(const char *text, const char *what, GError **error)
{
    int fd;

    return parse_number(text, &fd) || (may_be_name(text) && (asking || find_named(NULL, text))) ||
           vt_error_set(error, "%s: expected the number of a file descriptor from %d on, got '%.40s'", what,
                        STDERR_FILENO + 1, text);
}

int
vt_descriptor_take(const char *text, const char *what, bool *ret_is_named, GError **error)
{
    Named *named;
    int fd;

    *ret_is_named = false;
    if (parse_number(text, &fd)) {
        return fd;
    }
    named = may_be_name(text) ? find_named(asking, text) : NULL;
    if (!named) {
        vt_error_set(error, "%s: no file descriptor has the name '%.40s'", what, text);
        return -1;
    }
    *ret_is_named = true;
    fd = named->fd;
    named->fd = -1;
    drop_named(named);
    return fd;
}
