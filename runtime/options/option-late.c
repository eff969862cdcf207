/* SPDX-License-Identifier: MIT */
/*
 * Late options: those whose templates or function need the machine, and the default devices of the machine.
 */
#include "option-late.h"

#include <string.h>

#include <json-c/json.h>

#include "visit/visit-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/output.h"
#include "vt-runtime/vendor-machine.h"

/* ---- values of an option ------------------------------------------------------------------------------- */

static bool
decode(VtExpansion *expansion, GError **error)
{
    const VtSchema *schema = expansion->line->schema;
    bool ok = true;

    for (guint i = 0; ok && i < expansion->sources->len; i++) {
        VtSource *source = g_ptr_array_index(expansion->sources, i);
        g_autoptr(VtInput) input = vt_option_open_members(schema, expansion->option, source, error);

        ok = input && vt_input_visit_type(input, schema, NULL, expansion->option->type,
                                          expansion->values + i * expansion->size, error);
    }
    return ok;
}

/* Fails if @value, that of @source, has the member that an earlier use of the option had. */
static bool
check_first(const VtOption *option, const VtSource *source, json_object *value, const VtSource **earlier,
            GError **error)
{
    if (!option->once || !json_object_object_get(value, option->once)) {
        return true;
    }
    if (*earlier) {
        return vt_error_set(error, "%s: %s: '%s' has it already; one -%s at most can have it", vt_source_place(source),
                            option->once, (*earlier)->where, option->name);
    }
    *earlier = source;
    return true;
}

static bool
settle(VtExpansion *expansion, GError **error)
{
    const VtOption *option = expansion->option;
    const VtSource *earlier = NULL;
    guint n = expansion->sources->len;
    bool ok =
        decode(expansion, error) && (!option->expand_all || option->expand_all(expansion, expansion->values, n, error));

    for (guint i = 0; ok && i < n; i++) {
        json_object *value;

        if (!expansion->dropped[i]) {
            VtSource *source = g_ptr_array_index(expansion->sources, i);

            value = vt_output_type(expansion->line->schema, option->type, expansion->values + i * expansion->size, 0);
            ok = check_first(option, source, value, &earlier, error) &&
                 vt_late_templates_apply(expansion, option->expands_to, source, value, error);
            json_object_put(value);
        }
    }
    return ok;
}

/* Checks a value of an option that takes a name of an enumeration. */
static bool
check_name(const VtExpansion *expansion, const VtOption *option, const VtSource *source, json_object *value,
           GError **error)
{
    const VtSchema *schema = expansion->line->schema;
    const VtRow row = {.kind = VT_KIND_ENUM, .type = option->type};
    g_autoptr(VtInput) input = NULL;
    uint32_t name = 0;

    if (!option->type || vt_schema_type(schema, option->type)->kind != VT_TYPE_ENUM) {
        return true;
    }
    input = vt_input_new_object(value, vt_source_place(source));
    return vt_input_visit_value(input, schema, NULL, vt_schema_type_layer(schema, option->type), &row, &name, error);
}

/* Expands all uses of the option. */
static bool
expand_option(VtExpansion *expansion, const VtOption *option, GPtrArray *sources, GError **error)
{
    const VtSchema *schema = expansion->line->schema;
    const VtType *type = option->type ? vt_schema_type(schema, option->type) : NULL;
    bool ok = true;

    if (!type || type->kind != VT_TYPE_STRUCT) {
        for (guint i = 0; ok && i < sources->len; i++) {
            const VtSource *source = g_ptr_array_index(sources, i);
            json_object *value = vt_option_decode(expansion->line, option, source, error);

            ok = value && check_name(expansion, option, source, value, error) &&
                 vt_late_templates_apply(expansion, option->expands_to, source, value, error);
            json_object_put(value);
        }
        return ok;
    }
    expansion->option = option;
    expansion->sources = sources;
    expansion->size = type->size;
    expansion->values = g_malloc0_n(MAX(sources->len, 1), type->size);
    expansion->dropped = g_new0(bool, MAX(sources->len, 1));
    ok = settle(expansion, error);
    for (guint i = 0; i < sources->len; i++) {
        vt_struct_clear(schema, option->type, expansion->values + i * expansion->size);
    }
    g_clear_pointer(&expansion->values, g_free);
    g_clear_pointer(&expansion->dropped, g_free);
    return ok;
}

/* ---- boards ---------------------------------------------------------------------------------------------- */

/* Adds what the board has, after what its base has. */
static bool
add_board(VtExpansion *expansion, const VtVendorMachine *machine, GError **error)
{
    g_autofree char *where = machine ? g_strdup_printf("machine %s (%s)", machine->name, machine->where) : NULL;
    VtSource source;

    if (!machine) {
        return true;
    }
    source = (VtSource){.where = vt_schema_keep_text(expansion->line->schema, where)};
    return add_board(expansion, machine->base, error) &&
           (!machine->creates || vt_late_templates_apply(expansion, machine->creates, &source, NULL, error));
}

/* ---- the whole command line ---------------------------------------------------------------------------- */

static bool
expand_all(VtExpansion *expansion, GError **error)
{
    VtCommandLine *line = expansion->line;
    const VtProgram *program = line->program;
    VtSource defaults = {.where = "default device", .by_default = true};
    bool ok = true;

    for (guint i = 0; i < line->late->len; i++) {
        const VtSource *source = g_ptr_array_index(line->late, i);

        g_ptr_array_add(expansion->late->waiting[source->option - program->options], vt_source_copy(source));
    }
    for (uint32_t i = 0; ok && i < program->n_options; i++) {
        const VtOption *option = &program->options[i];

        if (option->otherwise && !vt_expansion_uses(expansion, option->name) && vt_command_line_has_defaults(line)) {
            ok = vt_late_templates_apply(expansion, option->otherwise, &defaults, NULL, error);
        }
    }
    if (ok && expansion->machine) {
        ok = add_board(expansion, vt_context_machine(expansion->ctx)->vendor, error);
    }
    for (uint32_t i = 0; ok && i < program->n_options; i++) {
        if (expansion->late->waiting[i]->len) {
            ok = expand_option(expansion, &program->options[i], expansion->late->waiting[i], error);
        }
    }
    return ok;
}

/* The machine's config with the values of the user. */
static VtConfig *
machine_config(const VtCommandLine *line, VtContext *ctx, GError **error)
{
    g_autoptr(VtConfig) config = vt_config_new(ctx, vt_context_machine(ctx)->family);

    for (guint i = 0; i < line->machine->len; i++) {
        g_autoptr(VtInput) input = vt_source_open(g_ptr_array_index(line->machine, i), error);

        if (!input || !vt_input_visit_members(input, ctx, config, error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&config);
}

bool
vt_option_expand_late(VtCommandLine *line, VtContext *ctx, VtLate *ret, GError **error)
{
    VtExpansion expansion = {.line = line, .ctx = ctx, .late = ret};
    g_autoptr(VtConfig) machine = NULL;
    bool ok;

    ret->n_waiting = line->program->n_options;
    ret->waiting = g_new0(GPtrArray *, ret->n_waiting);
    for (uint32_t i = 0; i < ret->n_waiting; i++) {
        ret->waiting[i] = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_unref);
    }
    ret->machine = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_unref);
    ret->board = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_unref);
    ret->added = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_unref);
    if (vt_context_machine(ctx)) {
        machine = machine_config(line, ctx, error);
        if (!machine) {
            return false;
        }
    }
    expansion.machine = machine;
    ok = expand_all(&expansion, error);
    g_clear_pointer(&expansion.classes, g_hash_table_unref);
    return ok;
}

void
vt_late_sources_clear(VtLate *late)
{
    for (uint32_t i = 0; i < late->n_waiting; i++) {
        g_ptr_array_unref(late->waiting[i]);
    }
    g_clear_pointer(&late->waiting, g_free);
    late->n_waiting = 0;
    g_clear_pointer(&late->machine, g_ptr_array_unref);
    g_clear_pointer(&late->board, g_ptr_array_unref);
    g_clear_pointer(&late->added, g_ptr_array_unref);
}
