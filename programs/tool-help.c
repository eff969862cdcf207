/* SPDX-License-Identifier: MIT */
/*
 * The subcommands of vintage, and their help.
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"

#define DOC_COLUMN 28
#define ONE_VM     "[VM | -- VM-OPTION…]"

const ToolCommand tool_commands[] = {
    {"resolve", tool_resolve, ONE_VM, "prints the value of every property",
     .examples = "vintage resolve -- -machine pc-q35-9.1 -device virtio-rng-pci,id=rng\n"
                 "vintage resolve --settled --json examples/small-vm.json\n"},
    {"explain", tool_explain, "[NAME[.PROPERTY]…] [VM | -- VM-OPTION…]",
     "prints the origin of each value: version, axis, reason",
     .more =
         "NAME is the id of an object, its place, as in device[0], 'machine', or the name or an alias of a machine, a\n"
         "type, a CPU model or a class.  Without a VM, it is about the machine, or the defaults of the type.\n",
     .examples = "vintage explain rng.disable-legacy -- -device virtio-rng-pci,id=rng\n"
                 "vintage explain machine virtio-blk.num-queues\n"
                 "vintage explain --settled disk.num-queues -- examples/small-vm.json\n"},
    {"defaults", tool_defaults, "[TYPE…]", "prints the defaults of classes",
     .examples = "vintage defaults virtio-blk-pci\n"
                 "vintage defaults --json --machine pc-q35-5.1 virtio-blk-pci VGA\n"},
    {"diff", tool_diff, "A..B [PATTERN…] [VM | -- VM-OPTION…]\nA B [PATTERN…]",
     "prints what changes between two versions, or two VMs, and why",
     .more = "A..B are versions of a machine or two machines.  Without a VM, the changes are of all classes.\n"
             "A and B are each a VM.\n"
             "A PATTERN is a glob of classes or objects, or of CLASS.PROPERTY.\n"
             "Changes with one cause are one line, and what the guest sees comes first.\n",
     .examples = "vintage diff 8.2..9.2\n"
                 "vintage diff 8.2..9.2 --guest-visible 'virtio-*' examples/small-vm.json\n"
                 "vintage diff pc-q35-5.1..9.1 '*.num-queues'\n"
                 "vintage diff --platform-version 9.0..9.1 sev-guest\n"},
    {"upgrade", tool_upgrade, ONE_VM, "moves a VM to a newer machine or platform, and keeps what its guest sees",
     .more =
         "VM is a configuration file, a file with a command line of QEMU, a domain of libvirt, or the QMP socket of a\n"
         "running QEMU.  The new file pins each old value that the guest sees, unless --accept selects it.\n"
         "A PATTERN is a glob of objects or types, or of OBJECT.PROPERTY.\n",
     .examples = "vintage upgrade examples/small-vm.json\n"
                 "vintage upgrade --json --accept '*.x-pcie-*' -- -machine pc-q35-8.1 -device virtio-rng-pci\n"},
    {"freeze", tool_freeze, ONE_VM, "writes a configuration file that makes all defaults explicit",
     .more = "A newer machine or platform version does not change the meaning of such a file.\n",
     .examples = "vintage freeze -o frozen.json -- -machine pc-q35-9.1 -nodefaults\n"},
    {"check", tool_check, ONE_VM, "checks a configuration without starting it",
     .more = "The result is one of: valid; valid with warnings; valid, but needs an engine.\n",
     .examples = "vintage check -- -machine pc-q35-9.1 -device virtio-rng-pci\n"
                 "vintage check --release 9.2 examples/small-vm.json\n"},
    {"convert", tool_convert, "--to argv|json|config|qmp " ONE_VM,
     "prints the VM as arguments, JSON arguments, a configuration file or QMP commands",
     .more = "All forms resolve to the same VM.\n",
     .examples = "vintage convert --to config -- -m 1G -device e1000\n"
                 "vintage convert --to argv examples/small-vm.json\n"},
    {"argv", tool_argv, ONE_VM, "prints the command line of the QEMU that runs the VM",
     .more = "A comment shows each value that the user did not set: QEMU has another default there.\n",
     .examples = "vintage argv -- -machine pc-q35-7.2 -device virtio-rng-pci\n"
                 "vintage argv --engine /usr/bin/qemu-system-x86_64 --libvirt examples/small-vm.json\n"},
    {"run", tool_run, ONE_VM, "runs a VM, and reports its start, its events and its end",
     .more = "The guest has standard input and output; the reports are on standard error.\n"
             "The exit status is that of vintage-vm.\n",
     .examples = "vintage run --timeout 1 -- -machine pc-q35-9.1 -engine none -nodefaults\n"},
    {"import", tool_import, "--qmp SOCKET\n--pid PID\n--argv FILE\n--libvirt FILE.xml\n-- QEMU-COMMAND",
     "prints a VM that QEMU runs as a configuration",
     .more = "Standard error names each part that the configuration does not have; the exit status is then 3.\n",
     .examples =
         "vintage import -- qemu-system-x86_64 -machine q35 -m 1G -device virtio-rng-pci\n"
         "vintage import --release 7.2 --to argv -- qemu-system-aarch64 -machine virt -device virtio-rng-pci\n"},
    {"audit", tool_audit, ONE_VM "\n--qmp SOCKET " ONE_VM "\n--pid PID " ONE_VM,
     "prints the values of a VM that some releases had otherwise (errata), or where a running QEMU differs",
     .more =
         "With --qmp or --pid: compares a QEMU with the defaults of its machine, or with the VM that is expected.\n",
     .examples = "vintage audit -- -machine pc-q35-5.1 -device virtio-rng-pci\n"},
    {"history", tool_history, "NAME…",
     "prints the life of machines, types, CPU models, members (TYPE.MEMBER), options, commands",
     .examples = "vintage history virtio-blk-pci.num-queues\n"
                 "vintage history pc-q35-5.1 e1000 -device\n",
     .no_options = true},
    {"check-migration", tool_check_migration, "SRC [DST] [--hosts PLACE]… [-- VM-OPTION…]",
     "reports whether a VM can migrate, and what would fix it",
     .more = "SRC and DST are VMs, or files with the contract that 'freeze --contract' writes; '--' begins the last "
             "one.\n"
             "Exit status: 0 yes, 1 no, or a file is wrong, 2 usage error, 3 a host does not know.\n",
     .examples = "vintage check-migration source.json destination.json\n"
                 "vintage check-migration contract.json --hosts hosts\n"},
    {"platform", tool_platform,
     "probe [-o HOST.json]\nlist\nshow VERSION\ncheck [HOST.json…] " ONE_VM "\n"
     "intersect PLACE… [--vm VM | -- VM-OPTION…]\nplan " ONE_VM " [--hosts PLACE]…",
     "prints platform versions, their features, and what this host supports",
     .more = "probe      probes this host for each platform feature; other commands read the file as --probe-file\n"
             "list       prints platform versions and the features of each\n"
             "show       prints a version's features, and the defaults that change with it\n"
             "check      prints the versions that this host supports, or all hosts that wrote the files\n"
             "intersect  prints the newest version that all hosts support, and what newer ones lack, and where\n"
             "plan       prints the version with which a VM runs on every host, on these hosts, and here\n"
             "PLACE is a host file, a directory with host files (*.json), or '-': standard input has one after the "
             "other.\n",
     .examples = "vintage platform list\n"
                 "vintage platform show 9.1\n"
                 "vintage platform check -- -machine pc-q35-9.1\n"
                 "vintage platform plan -- -machine pc-q35-9.1 -device vhost-vsock-pci,guest-cid=3\n"},
    {"schema", tool_schema, "[COMMAND | EVENT…]", "prints the QMP commands and events of a release, and their types",
     .more = "The output is that of query-qmp-schema. It includes what only an engine serves.\n",
     .examples = "vintage schema --release 7.2 --target aarch64 query-cpus-fast\n"},
    {"complete", tool_complete, "-- WORD…", "prints words that complete the last one",
     .more = "The scripts of programs/completion use it.\n",
     .examples = "vintage complete --program vintage-vm -- -device virtio-r\n"},
    {NULL},
};

/* Prints "usage: vintage COMMAND…", one line for each use. */
static void
print_uses(const ToolCommand *command)
{
    g_auto(GStrv) uses = g_strsplit(command->arguments, "\n", -1);

    for (char **use = uses; *use; use++) {
        printf("%s vintage %s %s%s\n", use == uses ? "usage:" : "      ", command->name,
               command->no_options ? "" : "[OPTION…] ", *use);
    }
}

static void
print_lines(FILE *file, const char *indent, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line && **line; line++) {
        fprintf(file, "%s%s\n", indent, *line);
    }
}

void
tool_print_options(const ToolOption *options)
{
    for (const ToolOption *option = options; option->name; option++) {
        if (option->doc) {
            g_autofree char *left =
                g_strdup_printf("%s%s%s", option->name, option->word ? " " : "", option->word ? option->word : "");

            printf("  %-*s %s\n", DOC_COLUMN, left, option->doc);
        }
    }
}

/* vintage.c takes these out of the arguments before a command sees them. */
static const ToolOption common_options[] = {
    {.name = "--schema", .word = "PLACE", .doc = "adds definitions of vendors: a file or a directory"},
    {0},
};

void
tool_print_help(const ToolCommand *command)
{
    char *no_arguments[] = {NULL};

    print_uses(command);
    printf("\n%c%s.\n", g_ascii_toupper(command->doc[0]), command->doc + 1);
    if (command->more) {
        print_lines(stdout, "", command->more);
    }
    if (!command->no_options) {
        puts("\nOptions:");
        tool_mode = TOOL_HELP;
        command->run(0, no_arguments);
        tool_print_options(common_options);
    }
    puts("\nExamples:");
    print_lines(stdout, "  ", command->examples);
}

void
tool_print_usage(FILE *file)
{
    fputs("usage: vintage COMMAND [OPTION…] [VM | -- VM-OPTION…]\n\n", file);
    for (const ToolCommand *command = tool_commands; command->name; command++) {
        fprintf(file, "  %-10s %s\n", command->name, command->doc);
    }
    fputs("\n"
          "'vintage COMMAND --help' lists the options of one, with examples.\n"
          "Each takes --schema PLACE, with definitions of vendors: a file or a directory; also $VINTAGE_SCHEMA_PATH.\n"
          "VM is a configuration file, a file with a command line of QEMU, a domain of libvirt, the QMP socket of a "
          "running\n"
          "QEMU, or the name of a machine.  VM options are those of vintage-vm; 'vintage-vm -help' lists them.\n"
          "Exit status: 0 success, 1 invalid configuration, 2 usage error.\n",
          file);
}
