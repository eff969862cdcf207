/* SPDX-License-Identifier: MIT */
/*
 * bench-scaling: plans command lines and checks the names that they use, as `vintage check` does.  Standard input has
 * one JSON array of words per line.  Plans each one in a child.  Prints the process ID of a child that does nothing,
 * that of the child that plans, and its error.
 *
 * Valgrind reports the instructions of each child.  A child inherits the code that Valgrind has translated, so short
 * lines are planned in this process first: to translate takes more time than to plan a thousand objects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/options.h"
#include "vt-runtime/vm.h"

#define SHORT 500 /* words */

static bool
plan(int argc, char **argv, GError **error)
{
    g_autoptr(VtSchema) schema = vt_schema_new(vt_program_vintage_vm.layers);
    g_autoptr(VtCommandLine) line = vt_command_line_new(&vt_program_vintage_vm, schema, argc, argv, error);
    g_autoptr(VtVm) vm = line ? vt_command_line_plan(line, NULL, error) : NULL;
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    VtLifeCheck life;

    if (!vm) {
        return false;
    }
    life = (VtLifeCheck){schema, vt_context_release(vt_vm_context(vm)), false, warnings, NULL};
    return vt_command_line_check_life(line, &life, error) && vt_vm_check_life(vm, &life, error);
}

/* A child; it plans if @argv is not NULL, and writes its error to @fd.  It ends without the exit handlers. */
static pid_t
spawn(int argc, char **argv, int fd)
{
    g_autoptr(GError) error = NULL;
    pid_t pid = fork();

    if (pid) {
        g_assert(pid > 0 && waitpid(pid, NULL, 0) == pid);
        return pid;
    }
    if (argv && !plan(argc, argv, &error)) {
        g_autofree char *first = g_strndup(error->message, strcspn(error->message, "\n"));

        dprintf(fd, "%s", first);
    }
    _exit(0);
}

/* The words are overwritten: each plan has its own. */
static char **
words_of(json_object *list)
{
    size_t n = json_object_array_length(list);
    char **words = g_new0(char *, n + 1);

    for (size_t i = 0; i < n; i++) {
        words[i] = g_strdup(json_object_get_string(json_object_array_get_idx(list, i)));
    }
    return words;
}

static void
measure(json_object *list)
{
    g_auto(GStrv) words = words_of(list);
    int argc = (int)g_strv_length(words), channel[2];
    char text[4096];
    pid_t idle, busy;
    ssize_t len;

    g_assert(pipe(channel) == 0);
    idle = spawn(argc, NULL, channel[1]);
    busy = spawn(argc, words, channel[1]);
    close(channel[1]);
    len = read(channel[0], text, sizeof text);
    close(channel[0]);
    printf("%d %d %.*s\n", (int)idle, (int)busy, (int)MAX(len, 0), text);
    fflush(stdout);
}

int
main(void)
{
    char *text = NULL;
    size_t size = 0;

    while (getline(&text, &size, stdin) > 0) {
        json_object *list = json_tokener_parse(text);

        if (json_object_array_length(list) <= SHORT) {
            g_auto(GStrv) words = words_of(list);

            plan((int)g_strv_length(words), words, NULL);
        }
        measure(list);
        json_object_put(list);
    }
    free(text);
    return 0;
}
