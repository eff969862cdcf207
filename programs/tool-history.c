/* SPDX-License-Identifier: MIT */
/*
 * vintage history: the life of a name, and the history of a member's default.
 */
#include <string.h>

#include "tool-classes.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/error.h"
#include "vt-runtime/history.h"

static const char *const headers[] = {"when", "what", "why", NULL};

static void
add_stage(ToolTable *table, const VtSchema *schema, const uint8_t span[2], const char *stage, const char *why)
{
    g_autofree char *when = vt_life_span_text(schema, span);

    if (when) {
        tool_table_add(table, (const char *[]){when, stage, why});
    }
}

/* @life may be NULL: the name is older than the record.  The reason is shown with the first of the two ends. */
static void
add_life(ToolTable *table, const VtSchema *schema, const VtLife *life, const char *why)
{
    if (!life || !life->introduced[0]) {
        tool_table_add(table, (const char *[]){"before the record", "introduced", NULL});
    }
    if (!life) {
        return;
    }
    add_stage(table, schema, life->introduced, "introduced", NULL);
    add_stage(table, schema, life->deprecated, "deprecated", why);
    add_stage(table, schema, life->removed, "removed", life->deprecated[0] ? NULL : why);
}

static void
add_history(ToolTable *table, const VtContext *ctx, const VtProp *prop)
{
    const VtSchema *schema = vt_context_schema(ctx);

    if (prop->cold->added) {
        g_autofree char *when =
            g_strdup_printf("machine %s", vt_schema_version_name(schema, VT_AXIS_MACHINE, prop->cold->added));

        tool_table_add(table, (const char *[]){when, "added", NULL});
    }
    for (unsigned i = 0; i < vt_history_length(prop); i++) {
        VtHistoryRow row = vt_history_row(schema, prop, i);
        g_autofree char *value = vt_entry_text(ctx, prop, row.entry);
        g_autoptr(GString) when = g_string_new(NULL);
        g_autoptr(GString) what = g_string_new(NULL);

        if (row.since) {
            g_string_append_printf(when, "%s %s", vt_axis_name(row.axis), row.since);
        }
        if (row.release) {
            g_string_append_printf(when, "%srelease %s", when->len ? ", " : "", row.release);
        }
        g_string_append_printf(what, "default %s", !value ? "absent" : value[0] ? value : "\"\"");
        if (row.family) {
            g_string_append_printf(what, ", for %s", row.family);
        }
        if (row.accel) {
            g_string_append_printf(what, ", with %s", row.accel);
        }
        for (unsigned bit = 0; bit < VT_N_TARGETS; bit++) {
            if (row.targets & (1u << bit)) {
                g_string_append_printf(what, ", on %s", vt_target_name((uint16_t)(1u << bit)));
            }
        }
        tool_table_add(table, (const char *[]){when->len ? when->str : "first", what->str, row.why});
    }
}

static void
print(const char *name, const char *kind, ToolTable *table)
{
    tool_print_heading("%s: %s", name, kind);
    tool_table_print(table, 2);
}

/* Prints a name that has a life alone. */
static void
print_life(const VtSchema *schema, const char *name, const char *kind, const VtLife *life, const char *why)
{
    ToolTable *table = tool_table_new(headers);

    add_life(table, schema, life, why);
    print(name, kind, table);
}

static const char *
why_of(const VtLayer *layer, const VtLife *life)
{
    return life ? vt_text(layer->texts, life->why) : NULL;
}

static bool
is_among(const VtClassInfo *const *families, unsigned n, const VtClassInfo *family)
{
    for (unsigned i = 0; i < n; i++) {
        if (families[i] == family) {
            return true;
        }
    }
    return false;
}

/* Prints the machine once for each family: several targets have a family 'virt'. */
static bool
print_machine(const VtSchema *schema, const char *name)
{
    const VtClassInfo *families[VT_N_TARGETS];
    VtMachineName machines[VT_N_TARGETS] = {{NULL, 0, NULL}};
    unsigned n = 0;

    for (unsigned bit = 0; bit < VT_N_TARGETS; bit++) {
        if (vt_machine_find_for(schema, name, (uint16_t)(1u << bit), &machines[n], NULL) &&
            !is_among(families, n, machines[n].family)) {
            families[n] = machines[n].family;
            n++;
        } else {
            vt_machine_name_clear(&machines[n]);
        }
    }
    for (unsigned i = 0; i < n; i++) {
        bool is_alias = strcmp(name, machines[i].name) != 0;
        g_autofree char *kind = g_strconcat("machine", is_alias ? " " : "", is_alias ? machines[i].name : "",
                                            n > 1 ? ", family " : "", n > 1 ? families[i]->name : "", NULL);
        const char *why;
        VtLife life;

        vt_machine_life(families[i], machines[i].version, &life, &why);
        print_life(schema, name, kind, &life, why);
        if (is_alias && vt_machine_newest(families[i], machines[i].version)) {
            printf("each release gives '%s' to its newest version; to keep what a guest sees, name '%s', or freeze the "
                   "VM\n",
                   name, machines[i].name);
        }
        vt_machine_name_clear(&machines[i]);
    }
    return n > 0;
}

static bool
print_classes(const VtSchema *schema, const char *name)
{
    g_autoptr(GArray) found = tool_classes_named(schema, name);

    for (guint i = 0; i < found->len; i++) {
        const ToolNamed *named = &g_array_index(found, ToolNamed, i);
        const VtClassInfo *info = named->class;
        bool is_own = strcmp(info->name, name) == 0;
        g_autofree char *kind = is_own ? g_strdup("type") : g_strdup_printf("%s %s", named->kind, info->name);
        const VtLife *life = vt_class_life(info);

        print_life(schema, name, kind, life, why_of(info->layer, life));
    }
    return found->len > 0;
}

/* ---- members ------------------------------------------------------------------------------------------- */

static void
print_prop(VtContext *ctx, const char *name, const char *kind, const VtProp *prop, const VtLayer *layer,
           const VtLife *life)
{
    ToolTable *table = tool_table_new(headers);

    add_life(table, vt_context_schema(ctx), life, why_of(layer, life));
    add_history(table, ctx, prop);
    print(name, kind, table);
}

/* @info is called @type. */
static bool
print_class_member(VtContext *ctx, const char *name, const VtClassInfo *info, const char *type, const char *member)
{
    const VtProp *prop = vt_class_prop(info, member, strlen(member));
    const VtLife *own = prop ? vt_prop_life(prop) : NULL;
    g_autofree char *kind =
        strcmp(info->name, type) == 0 ? g_strdup("member") : g_strdup_printf("member of %s", info->name);

    if (prop) {
        print_prop(ctx, name, kind, prop, own ? prop->layer : info->layer, own ? own : vt_class_life(info));
    }
    return prop != NULL;
}

/* A member of a struct, of an option's value, or of a command's arguments. */
static bool
print_type_member(VtContext *ctx, const char *name, uint16_t number, const char *member)
{
    const VtSchema *schema = vt_context_schema(ctx);
    const VtLayer *layer = number ? vt_schema_type_layer(schema, number) : NULL;
    const VtType *type = number ? vt_schema_type(schema, number) : NULL;

    if (!type || (type->kind != VT_TYPE_STRUCT && type->kind != VT_TYPE_UNION)) {
        return false;
    }
    for (uint32_t i = type->first; i < type->first + type->count; i++) {
        const VtRow *row = &layer->rows[i];
        const VtCold *cold = &layer->colds[row->cold];
        VtProp prop = {.name = vt_str(layer, row->name),
                       .layer = layer,
                       .row = row,
                       .cold = cold,
                       .default_layer = layer,
                       .timeline = cold->timeline ? &layer->timelines[cold->timeline] : NULL};

        if (strcmp(prop.name, member) == 0) {
            print_prop(ctx, name, "member", &prop, layer, vt_prop_life(&prop));
            return true;
        }
    }
    return false;
}

/* The type of an option's value or of a command's arguments, or the type @name; 0: none. */
static uint16_t
value_type(const VtSchema *schema, const char *name)
{
    const VtProgram *program = &vt_program_vintage_vm;
    const VtOption *option = vt_program_option(program, name + strspn(name, "-"));

    if (option && option->type) {
        return option->type;
    }
    for (uint32_t i = 0; i < program->n_commands; i++) {
        if (strcmp(program->commands[i].name, name) == 0) {
            return program->commands[i].arg_type;
        }
    }
    return vt_schema_find_type(schema, name);
}

static bool
print_member(VtContext *ctx, const char *name)
{
    const VtSchema *schema = vt_context_schema(ctx);
    bool found = false;

    /* A name of a class may contain a dot, too. */
    for (const char *dot = strchr(name, '.'); dot && !found; dot = strchr(dot + 1, '.')) {
        g_autofree char *type = g_strndup(name, (gsize)(dot - name));
        g_autoptr(GArray) classes = tool_classes_named(schema, type);
        const VtClassInfo *known = vt_schema_class(schema, type);
        VtMachineName machine = {NULL, 0, NULL};

        for (guint i = 0; i < classes->len; i++) {
            found |= print_class_member(ctx, name, g_array_index(classes, ToolNamed, i).class, type, dot + 1);
        }
        if (known && known->machine) {
            found |= print_class_member(ctx, name, known, type, dot + 1);
        } else if (vt_machine_find(schema, type, &machine, NULL)) {
            found |= print_class_member(ctx, name, machine.family, type, dot + 1);
        }
        vt_machine_name_clear(&machine);
        found = found || print_type_member(ctx, name, value_type(schema, type), dot + 1);
    }
    return found;
}

static bool
print_program_name(const VtSchema *schema, const char *name)
{
    const VtProgram *program = &vt_program_vintage_vm;
    const VtOption *option = vt_program_option(program, name + strspn(name, "-"));
    bool found = option != NULL;

    if (option) {
        print_life(schema, name, "option", &option->life, vt_text(option->texts, option->life.why));
    }
    for (uint32_t i = 0; i < program->n_commands; i++) {
        const VtCommand *command = &program->commands[i];

        if (strcmp(command->name, name) == 0) {
            print_life(schema, name, "command", &command->life, vt_text(command->texts, command->life.why));
            found = true;
        }
    }
    for (uint32_t i = 0; i < program->n_events; i++) {
        const VtEvent *event = &program->events[i];

        if (strcmp(event->name, name) == 0) {
            print_life(schema, name, "event", &event->life,
                       event->texts ? vt_text(event->texts, event->life.why) : NULL);
            found = true;
        }
    }
    return found;
}

/* A command or event that only an engine serves. */
static bool
print_relayed_name(const VtSchema *schema, const char *name)
{
    const VtCatalogue *catalogue = &vt_catalogue_vintage_vm;

    for (uint32_t i = 0; i < catalogue->n_names; i++) {
        const VtCatalogueName *one = &catalogue->names[i];

        if (strcmp(one->name, name) == 0) {
            print_life(schema, name, one->is_event ? "event" : "command", &one->life, one->why);
            return true;
        }
    }
    return false;
}

/* A bus type, an interface or an internal type. */
static bool
print_qom_type(const VtSchema *schema, const char *name)
{
    const VtTexts *texts;
    const VtLife *life;

    if (!vt_qom_life(schema, name, &life, &texts)) {
        return false;
    }
    print_life(schema, name, "type", life, life ? vt_text(texts, life->why) : NULL);
    return true;
}

static bool
print_name(VtContext *ctx, const char *name)
{
    const VtSchema *schema = vt_context_schema(ctx);
    bool found = print_classes(schema, name);

    /* One name may be that of a machine, a type and an option. */
    found |= print_machine(schema, name);
    found |= print_member(ctx, name);
    found |= print_program_name(schema, name);
    found |= print_relayed_name(schema, name);
    return found || print_qom_type(schema, name);
}

/* All arguments are names: "-no-acpi" is the option. */
int
tool_history(int argc, char **argv)
{
    const VtOverrides overrides = {NULL};
    g_autoptr(VtSchema) schema = NULL;
    g_autoptr(VtContext) ctx = NULL;
    g_autoptr(GError) error = NULL;
    int first = argc && strcmp(argv[0], "--") == 0;

    if (first == argc) {
        return tool_misused("history", "expected names of machines, types, members, CPU models, options, commands or "
                                       "events");
    }
    schema = tool_schema_new();
    ctx = tool_context_new(schema, &overrides, &error);
    for (int i = first; ctx && i < argc; i++) {
        if (!print_name(ctx, argv[i])) {
            vt_error_set(&error,
                         "unknown name '%s'; expected a machine, TYPE, TYPE.MEMBER, a CPU model, an option, a command "
                         "or an event",
                         argv[i]);
            break;
        }
    }
    return error ? tool_failed(error) : TOOL_DONE;
}
