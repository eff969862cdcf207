/* SPDX-License-Identifier: MIT */
#include "tool-terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WIDTH 80 /* of a terminal that does not state its own */

static const char *color = "auto";
static GPid pager;
static int kept_stdout = -1; /* while a pager has standard output */

/* Whether the user looks at standard output, through a pager or not. */
static bool
is_terminal(void)
{
    return isatty(kept_stdout >= 0 ? kept_stdout : STDOUT_FILENO);
}

bool
terminal_set_color(const char *when)
{
    static const char *const all[] = {"auto", "always", "never", NULL};

    if (when && !g_strv_contains(all, when)) {
        return false;
    }
    color = when ? when : "auto";
    return true;
}

bool
terminal_has_color(void)
{
    const char *no_color = g_getenv("NO_COLOR");

    if (strcmp(color, "auto") != 0) {
        return strcmp(color, "always") == 0;
    }
    return is_terminal() && !(no_color && no_color[0]);
}

unsigned
terminal_width(void)
{
    const char *columns = g_getenv("COLUMNS");
    guint64 stated = 0;
    struct winsize size = {0};

    if (columns && g_ascii_string_to_unsigned(columns, 10, 1, G_MAXUINT16, &stated, NULL)) {
        return (unsigned)stated;
    }
    if (!is_terminal()) {
        return 0;
    }
    ioctl(kept_stdout >= 0 ? kept_stdout : STDOUT_FILENO, TIOCGWINSZ, &size);
    return size.ws_col ? size.ws_col : WIDTH;
}

void
terminal_start_pager(void)
{
    const char *command = g_getenv("PAGER");
    g_auto(GStrv) argv = NULL;
    g_auto(GStrv) environment = g_get_environ();
    int input = -1;

    if (!isatty(STDOUT_FILENO) || (command && !*command) ||
        !g_shell_parse_argv(command ? command : "less", NULL, &argv, NULL)) {
        return;
    }
    /* -F: ends if the output fits; -R: shows colours; -X: leaves the output on the screen. */
    environment = g_environ_setenv(environment, "LESS", "FRX", FALSE);
    if (!g_spawn_async_with_pipes(NULL, argv, environment, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                  &pager, &input, NULL, NULL, NULL)) {
        return;
    }
    fflush(stdout);
    kept_stdout = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    dup2(input, STDOUT_FILENO);
    close(input);
}

void
terminal_end_pager(void)
{
    if (kept_stdout < 0) {
        return;
    }
    fflush(stdout);
    dup2(kept_stdout, STDOUT_FILENO);
    close(kept_stdout);
    kept_stdout = -1;
    waitpid(pager, NULL, 0);
    g_spawn_close_pid(pager);
}
