/* SPDX-License-Identifier: MIT */
/*
 * vintage complete: words that complete a command line, for shells.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "service.h"
#include "tool.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/open-file.h"

#define SELF "vintage"

/* Its generated header has the numbers of events that that of vintage-vm has, too. */
extern const VtProgram vt_program_vintage_backends;

static int
complete_program(const VtProgram *program, uint16_t target, int argc, char **argv)
{
    g_autoptr(VtSchema) schema = vt_schema_new(program->layers);
    g_autofree char *text = NULL;

    /* A word that is no option may be a file with the configuration of a VM. */
    if (argc == 1 && argv[0][0] && argv[0][0] != '-') {
        puts(":files");
        return TOOL_DONE;
    }
    text = vt_command_line_complete(program, schema, target, argc, argv);
    fputs(text, stdout);
    return TOOL_DONE;
}

/* ---- the tool's own arguments -------------------------------------------------------------------------- */

static const ToolOption *
option_named(const ToolOption *options, const char *word)
{
    const ToolOption *option = options;

    while (option->name && strcmp(option->name, word) != 0) {
        option++;
    }
    return option->name && !option->flag ? option : NULL;
}

/* Values are those of the option of vintage-vm with the same name, if there is one. */
static void
list_values(const ToolOption *option, char *word)
{
    g_autofree char *name = g_strconcat("-", option->name + strspn(option->name, "-"), NULL);
    char *argv[] = {name, word};

    if (vt_program_option(&vt_program_vintage_vm, name + 1)) {
        complete_program(&vt_program_vintage_vm, 0, 2, argv);
    } else {
        puts(":files");
    }
}

void
tool_list_words(const ToolOption *options, int argc, char **argv)
{
    const ToolOption *before = argc > 1 ? option_named(options, argv[argc - 2]) : NULL;
    char *word = argv[argc - 1];

    if (before) {
        list_values(before, word);
        return;
    }
    if (word[0] && word[0] != '-') {
        puts(":files");
        return;
    }
    for (const ToolOption *option = options; option->name; option++) {
        if (option->doc && g_str_has_prefix(option->name, word)) {
            printf("%s\t%s\n", option->name, option->doc);
        }
    }
    if (g_str_has_prefix("--", word)) {
        puts("--\toptions of the VM");
    }
    puts(":end");
}

static int
complete_tool(int argc, char **argv)
{
    const ToolCommand *command = tool_commands;

    if (argc == 1) {
        for (; command->name; command++) {
            if (g_str_has_prefix(command->name, argv[0])) {
                puts(command->name);
            }
        }
        puts(":end");
        return TOOL_DONE;
    }
    while (command->name && strcmp(command->name, argv[0]) != 0) {
        command++;
    }
    for (int i = 1; i < argc - 1; i++) {
        if (strcmp(argv[i], "--") == 0) {
            return complete_program(&vt_program_vintage_vm, 0, argc - i - 1, argv + i + 1);
        }
    }
    if (!command->name) {
        puts(":end");
        return TOOL_DONE;
    }
    tool_mode = TOOL_LIST;
    command->run(argc - 1, argv + 1);
    return TOOL_DONE;
}

/* The command line may have '-config -': the shell's terminal must not be read for it. */
static void
leave_input(void)
{
    const char *why;
    int null = vt_file_open("/dev/null", O_RDONLY, VT_FILE_CHARACTER, 0, &why);

    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        close(null);
    }
}

int
tool_complete(int argc, char **argv)
{
    const char *program = NULL;
    const ToolOption options[] = {
        {.name = "--program", .word = "PROGRAM", .doc = "program whose command line it is", .value = &program},
        {NULL},
    };
    g_auto(ToolArguments) arguments = {NULL};
    g_autofree char *name = NULL;

    if (!tool_arguments_parse(&arguments, "complete", options, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!program || !arguments.n_vm || arguments.words->len) {
        return tool_misused("complete", "expected --program PROGRAM, '--' and the words of a command line");
    }
    leave_input();
    name = g_path_get_basename(program);
    if (strcmp(name, SELF) == 0) {
        return complete_tool(arguments.n_vm, arguments.vm);
    }
    if (strcmp(name, vt_program_vintage_backends.name) == 0) {
        return complete_program(&vt_program_vintage_backends, 0, arguments.n_vm, arguments.vm);
    }
    if (g_str_has_prefix(name, SERVICE_LINK_PREFIX)) {
        uint16_t target = vt_target_from_name(name + strlen(SERVICE_LINK_PREFIX));

        return complete_program(&vt_program_vintage_vm, target, arguments.n_vm, arguments.vm);
    }
    if (strcmp(name, vt_program_vintage_vm.name) != 0) {
        return tool_misused("complete", "unknown program '%s'", name);
    }
    return complete_program(&vt_program_vintage_vm, 0, arguments.n_vm, arguments.vm);
}
