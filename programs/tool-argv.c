/* SPDX-License-Identifier: MIT */
/*
 * vintage argv: the command line of the engine for a VM.
 */
#include <stdio.h>
#include <string.h>

#include "tool-vm.h"
#include "vt-engine/argv.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

#define LIBVIRT "http://libvirt.org/schemas/domain/qemu/1.0"

/* "num-queues=4: machine 5.2: REASON". The caller frees it. */
static char *
note_text(const VtEngineNote *note)
{
    return g_strdup_printf("%s=%s: %s", note->member, note->value, note->from);
}

/* The argument in a few words: "-device virtio-rng-pci,id=r". The caller frees it. */
static char *
label(const VtEngineArgument *argument)
{
    json_object *value = NULL, *tag = NULL, *id = NULL;
    char *text;

    if (argument->text && argument->text[0] == '{') {
        value = vt_json_parse(argument->text, strlen(argument->text), argument->option, NULL);
        json_object_object_foreach (value, name, member) {
            (void)name;
            tag = tag ? tag : member;
        }
        if (!json_object_object_get_ex(value, "id", &id)) {
            json_object_object_get_ex(value, "node-name", &id);
        }
        text = g_strdup_printf("%s %s%s%s", argument->option, json_object_get_string(tag), id ? ",id=" : "",
                               id ? json_object_get_string(id) : "");
        json_object_put(value);
        return text;
    }
    return argument->text
               ? g_strdup_printf("%s %.*s", argument->option, (int)strcspn(argument->text, ","), argument->text)
               : g_strdup(argument->option);
}

/* ---- shell --------------------------------------------------------------------------------------------- */

static void
print_shell(const VtEngineTerms *terms, const GArray *arguments)
{
    g_autofree char *binary = tool_shell_word(vt_engine_info_binary(terms->info));

    for (guint i = 0; i < arguments->len; i++) {
        const VtEngineArgument *argument = &g_array_index(arguments, VtEngineArgument, i);
        g_autofree char *title = label(argument);

        if (argument->notes->len) {
            printf("# %s\n", title);
        }
        for (guint j = 0; j < argument->notes->len; j++) {
            g_autofree char *note = note_text(&g_array_index(argument->notes, VtEngineNote, j));

            printf("#   %s\n", note);
        }
    }
    fputs(binary, stdout);
    for (guint i = 0; i < arguments->len; i++) {
        const VtEngineArgument *argument = &g_array_index(arguments, VtEngineArgument, i);
        g_autofree char *text = argument->text ? tool_shell_word(argument->text) : NULL;

        printf(" \\\n  %s%s%s", argument->option, text ? " " : "", text ? text : "");
    }
    putchar('\n');
}

/* ---- libvirt ------------------------------------------------------------------------------------------- */

static void
print_libvirt(const GArray *arguments)
{
    printf("<qemu:commandline xmlns:qemu='%s'>\n", LIBVIRT);
    for (guint i = 0; i < arguments->len; i++) {
        const VtEngineArgument *argument = &g_array_index(arguments, VtEngineArgument, i);
        g_autofree char *text = argument->text ? g_markup_escape_text(argument->text, -1) : NULL;

        for (guint j = 0; j < argument->notes->len; j++) {
            g_autofree char *note = note_text(&g_array_index(argument->notes, VtEngineNote, j));
            g_auto(GStrv) parts = g_strsplit(note, "--", -1);
            g_autofree char *comment = g_strjoinv("- -", parts); /* XML has no "--" in comments */

            printf("  <!-- %s -->\n", comment);
        }
        printf("  <qemu:arg value='%s'/>\n", argument->option);
        if (text) {
            printf("  <qemu:arg value='%s'/>\n", text);
        }
    }
    puts("</qemu:commandline>");
}

/* ---- JSON ---------------------------------------------------------------------------------------------- */

static json_object *
notes_of(const VtSchema *schema, const VtEngineArgument *argument)
{
    json_object *list = json_object_new_array();

    for (guint i = 0; i < argument->notes->len; i++) {
        const VtEngineNote *note = &g_array_index(argument->notes, VtEngineNote, i);
        json_object *one = json_object_new_object();

        vt_json_add_text(one, "member", note->member);
        vt_json_add_text(one, "value", note->value);
        vt_json_add_text(one, "reason", vt_enum_name(schema, "EngineReason", note->reason));
        vt_json_add_text(one, "from", note->from);
        json_object_array_add(list, one);
    }
    return list;
}

static void
print_argv_json(const VtSchema *schema, const VtEngineTerms *terms, const GArray *arguments)
{
    json_object *result = json_object_new_object(), *list = json_object_new_array(), *words = json_object_new_array();
    g_auto(GStrv) argv = vt_engine_argv_words(terms, arguments);

    for (char **word = argv; *word; word++) {
        json_object_array_add(words, json_object_new_string(*word));
    }
    for (guint i = 0; i < arguments->len; i++) {
        const VtEngineArgument *argument = &g_array_index(arguments, VtEngineArgument, i);
        json_object *one = json_object_new_object();

        vt_json_add_text(one, "option", argument->option);
        vt_json_add_text(one, "value", argument->text);
        if (argument->notes->len) {
            json_object_object_add(one, "pinned", notes_of(schema, argument));
        }
        json_object_array_add(list, one);
    }
    json_object_object_add(result, "argv", words);
    json_object_object_add(result, "arguments", list);
    tool_print_json(result);
}

/* ---- command ------------------------------------------------------------------------------------------- */

/* The values to state by their name in the schema; NULL: those that changed. */
static bool
read_pin(const VtSchema *schema, const char *text, VtEnginePin *ret_pin)
{
    *ret_pin = VT_ENGINE_PIN_CHANGED;
    for (VtEnginePin pin = 0; text && pin < VT_ENGINE_PIN__MAX; pin++) {
        if (strcmp(text, vt_enum_name(schema, "EnginePin", pin)) == 0) {
            *ret_pin = pin;
            return true;
        }
    }
    return !text;
}

/* Reads what the engine can do, and plans the VM for its release. */
static VtEngineInfo *
open_engine(ToolVm *one, const char *engine)
{
    g_autoptr(VtContext) ctx = one->line ? vt_command_line_context(one->line, &one->overrides, &one->error) : NULL;
    g_autoptr(VtEngineInfo) info = NULL;
    g_autofree char *binary = NULL;
    uint16_t release;

    if (!ctx) {
        return NULL;
    }
    binary = engine ? g_strdup(engine) : g_strconcat(VT_ENGINE_PREFIX, vt_target_name(vt_context_target(ctx)), NULL);
    info = vt_engine_info_new(binary, &one->error);
    if (!info) {
        return NULL;
    }
    release = vt_engine_release(one->schema, info);
    if (release && !one->overrides.release) {
        one->overrides.release = vt_schema_version_name(one->schema, VT_AXIS_RELEASE, release);
    }
    tool_vm_plan(one);
    return one->vm ? g_steal_pointer(&info) : NULL;
}

int
tool_argv(int argc, char **argv)
{
    static const VtEngineArgvRules rules = {.alone = true};
    bool json = false, libvirt = false;
    const char *engine = NULL, *pinned = NULL;
    const ToolOption own[] = {
        {.name = "--engine",
         .value = &engine,
         .word = "BINARY",
         .doc = "path or name of the QEMU; default: qemu-system-TARGET"},
        {.name = "--pin", .value = &pinned, .word = "VALUES", .doc = "changed (the default) or all"},
        TOOL_JSON(&json),
        {.name = "--libvirt", .flag = &libvirt, .doc = "prints <qemu:commandline> of libvirt's domain XML"},
        {NULL}};
    g_auto(ToolVm) one = {{NULL}};
    g_autoptr(VtEngineInfo) info = NULL;
    g_autoptr(GArray) arguments = NULL;
    VtEngineTerms terms;
    VtEnginePin pin;

    if (!tool_vm_parse(&one, "argv", own, false, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (json && libvirt) {
        return tool_misused("argv", "--json and --libvirt exclude each other");
    }
    if (!read_pin(one.schema, pinned, &pin)) {
        return tool_misused("argv", "--pin: expected changed or all, got %s", pinned);
    }
    info = open_engine(&one, engine);
    if (!info || !vt_engine_terms_init(&terms, one.vm, info, pin, &one.error)) {
        return tool_failed(one.error);
    }
    arguments = vt_engine_argv(one.line, one.vm, &terms, &rules, &one.error);
    if (!arguments) {
        return tool_failed(one.error);
    }
    if (json) {
        print_argv_json(one.schema, &terms, arguments);
    } else if (libvirt) {
        print_libvirt(arguments);
    } else {
        print_shell(&terms, arguments);
    }
    return TOOL_DONE;
}
