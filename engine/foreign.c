/* SPDX-License-Identifier: MIT */
#include "vt-engine/foreign.h"

#include <errno.h>
#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

#define DELETED " (deleted)" /* at the end of the path of a program that is replaced */

void
vt_engine_foreign_clear(VtEngineForeign *foreign)
{
    g_clear_pointer(&foreign->binary, g_free);
    g_clear_pointer(&foreign->directory, g_free);
    g_clear_pointer(&foreign->words, g_strfreev);
}

/* ---- words --------------------------------------------------------------------------------------------- */

static char **
words_of_list(const char *text, size_t len)
{
    GStrvBuilder *builder = g_strv_builder_new();
    char **words;

    for (const char *at = text; at < text + len; at += strlen(at) + 1) {
        g_strv_builder_add(builder, at);
    }
    words = g_strv_builder_end(builder);
    g_strv_builder_unref(builder);
    return words;
}

static bool
is_assignment(const char *word)
{
    size_t name = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    return name && word[name] == '=';
}

char **
vt_engine_words_of_text(const char *text, size_t len, GError **error)
{
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) failure = NULL;
    char **first;

    if (memchr(text, '\0', len)) {
        words = words_of_list(text, len);
    } else {
        g_autofree char *copy = g_strndup(text, len);

        if (!g_shell_parse_argv(copy, NULL, &words, &failure)) {
            vt_error_set(error, "expected one command for a shell: %s", failure->message);
            return NULL;
        }
    }
    for (first = words; *first && is_assignment(*first); first++) {
    }
    if (!*first) {
        vt_error_set(error, "expected the name of a QEMU program and its options");
        return NULL;
    }
    return g_strdupv(first);
}

/* ---- /proc --------------------------------------------------------------------------------------------- */

static char *
link_of(pid_t pid, const char *name)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)pid, name);

    return g_file_read_link(path, NULL);
}

bool
vt_engine_foreign_read(VtEngineForeign *foreign, pid_t pid, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", (int)pid), *text = NULL;
    const char *why = NULL;
    size_t len = 0;

    text = vt_file_read(path, VT_ENGINE_WORDS_MAX, &len, &why);
    if (!text) {
        return vt_error_set(error, "process %d: %s", (int)pid, errno == ENOENT ? "there is no such process" : why);
    }
    if (!len) {
        return vt_error_set(error, "process %d: it has no command line", (int)pid);
    }
    *foreign = (VtEngineForeign){.pid = pid,
                                 .binary = link_of(pid, "exe"),
                                 .directory = link_of(pid, "cwd"),
                                 .words = words_of_list(text, len)};
    if (foreign->binary && g_str_has_suffix(foreign->binary, DELETED)) {
        g_clear_pointer(&foreign->binary, g_free);
    }
    return true;
}
