/* SPDX-License-Identifier: MIT */
/*
 * Texts of files that hold options.  They may contain a secret, so no copy stays in memory.
 */
#include "options-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/wipe.h"

#define SIZE_LIMIT (64 << 20)
#define CHUNK      65536

static bool
read_fd(int fd, GString *text)
{
    ssize_t n;

    do {
        vt_wipe_reserve(text, CHUNK);
        n = read(fd, text->str + text->len, CHUNK);
        g_string_set_size(text, text->len + (size_t)MAX(n, 0));
    } while (text->len <= SIZE_LIMIT && (n > 0 || (n < 0 && errno == EINTR)));
    return n >= 0;
}

/* Reads the whole file without library buffers that could keep a copy.  The caller wipes the text. */
GString *
vt_option_file_read(const char *path, GError **error)
{
    bool is_stdin = strcmp(path, "-") == 0;
    const char *why = NULL;
    /* Blocking reads of a pipe are acceptable before startup. */
    int fd = is_stdin ? STDIN_FILENO
                      : vt_file_open(path, O_RDONLY, VT_FILE_REGULAR | VT_FILE_PIPE | VT_FILE_CHARACTER, 0, &why);
    int number;
    GString *text;
    bool ok;

    if (fd < 0) {
        /* The user may have omitted the path, so that @path is the next option's value.  Quotes its first word only. */
        size_t len = strcspn(path, strpbrk(path, "={") ? ",={" : "");

        vt_error_set(error, "%.*s%s: cannot be opened: %s", (int)len, path, path[len] ? "…" : "", why);
        return NULL;
    }
    text = g_string_sized_new(CHUNK);
    ok = read_fd(fd, text);
    number = errno;
    if (!is_stdin) {
        close(fd);
    }
    if (ok && text->len <= SIZE_LIMIT) {
        return text;
    }
    if (ok) {
        vt_error_set(error, "%s: exceeds the maximum of %d MiB", path, SIZE_LIMIT >> 20);
    } else {
        vt_error_set(error, "%s: cannot be read: %s", path, g_strerror(number));
    }
    vt_wipe_string(text);
    return NULL;
}
