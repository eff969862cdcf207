/* SPDX-License-Identifier: MIT */
/*
 * A QEMU process that another program started.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>
#include <sys/types.h>

#define VT_ENGINE_WORDS_MAX ((size_t)4 << 20) /* bytes of a command line */

typedef struct VtEngineForeign {
    pid_t pid;
    char *binary;    /* path of its program; NULL: this user may not read it */
    char *directory; /* its working directory; NULL: this user may not read it */
    char **words;    /* its command line, with the name of the program first */
} VtEngineForeign;

void vt_engine_foreign_clear(VtEngineForeign *foreign);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VtEngineForeign, vt_engine_foreign_clear)
/* Reads the process @pid from /proc. Fails if it has no command line, or if this user may not read it. */
bool vt_engine_foreign_read(VtEngineForeign *foreign, pid_t pid, GError **error);
/* The words of @text, which is the contents of /proc/PID/cmdline, or one command for a shell. Assignments of variables
 * before the program are left out. The caller frees them. NULL and @error: it has no words. */
char **vt_engine_words_of_text(const char *text, size_t len, GError **error);
