/* SPDX-License-Identifier: MIT */
/*
 * Commands that change the configuration before the machine exists.  What they set and create becomes a part of the
 * command line, and the VM is planned again: so it is the VM that the command line alone would give.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "schema/schema-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

/* ---- objects of the command line ----------------------------------------------------------------------- */

/* Removes the sources of objects that commands deleted. */
static void
forget_deleted(VtCommandLine *line, const VtVm *vm)
{
    for (guint i = line->creations->len; i-- > 0;) {
        const VtSource *source = line->creations->pdata[i];
        g_autofree char *id = vt_source_object_id(source);

        if (id && !vt_vm_find(vm, source->root->kind, id)) {
            g_ptr_array_remove_index(line->creations, i);
        }
    }
}

/* Removes the sources of an object that was deleted, and whose id is used again. */
static void
forget_id(VtCommandLine *line, const char *kind, const char *id)
{
    for (guint i = line->creations->len; i-- > 0;) {
        const VtSource *source = line->creations->pdata[i];
        g_autofree char *old =
            source->root && strcmp(source->root->kind, kind) == 0 ? vt_source_object_id(source) : NULL;

        if (old && strcmp(old, id) == 0) {
            g_ptr_array_remove_index(line->creations, i);
        }
    }
}

static VtSource *
command_source(VtCommandLine *line, const VtClassInfo *root, const char *command, VtSpan text)
{
    VtSource *source = vt_source_new_text(text.text, text.len, NULL, command);
    g_autofree char *id = NULL, *where = NULL;

    source->root = root;
    id = vt_source_object_id(source);
    where = id ? g_strdup_printf("%s %s", command, id) : g_strdup(command);
    source->where = g_string_chunk_insert_const(line->labels, where);
    /* The caller has reported, or will report, errors in the values. */
    source->sensitive = true;
    return source;
}

void
vt_command_line_created(VtCommandLine *line, const VtClassInfo *root, const char *command, VtSpan text)
{
    VtSource *source = command_source(line, root, command, text);
    g_autofree char *id = vt_source_object_id(source);

    if (id) {
        forget_id(line, root->kind, id);
    }
    g_ptr_array_add(line->creations, source);
}

/* ---- what a failure restores --------------------------------------------------------------------------- */

/* A value of the options struct. */
typedef struct Kept {
    const VtRow *row;
    void *value;
    bool given, present;
} Kept;

typedef struct Mark {
    GPtrArray *machine, *creations; /* of VtSource */
    guint n_given, n_globals;
    char *machine_name, *machine_where, *replaced_machine;
    GArray *kept; /* of Kept */
} Mark;

static gpointer
ref_source(gconstpointer source, gpointer opaque)
{
    (void)opaque;
    return vt_source_ref((VtSource *)(guintptr)source);
}

static GPtrArray *
copy_sources(GPtrArray *sources)
{
    GPtrArray *copy = g_ptr_array_copy(sources, ref_source, NULL);

    g_ptr_array_set_free_func(copy, (GDestroyNotify)vt_source_unref);
    return copy;
}

static void
mark_init(Mark *mark, const VtCommandLine *line)
{
    *mark = (Mark){copy_sources(line->machine),
                   copy_sources(line->creations),
                   line->given->len,
                   line->globals->len,
                   g_strdup(line->machine_name),
                   g_strdup(line->machine_where),
                   g_strdup(line->replaced_machine),
                   g_array_new(FALSE, FALSE, sizeof(Kept))};
}

static void
swap_str(char **a, char **b)
{
    char *kept = *a;

    *a = *b;
    *b = kept;
}

static uint64_t *
bit_word(VtCommandLine *line, const VtRow *row, bool present)
{
    const VtType *type = vt_schema_type(line->schema, line->program->options_type);

    return vt_given_word(line->options, type->words_offset + (present ? type->words * (uint32_t)sizeof(uint64_t) : 0),
                         row->bit);
}

static void
set_bit(uint64_t *word, const VtRow *row, bool on)
{
    uint64_t bit = UINT64_C(1) << (row->bit % 64);

    *word = on ? *word | bit : *word & ~bit;
}

/* Moves the value of the option @row, so that a new one replaces it. */
static void
keep_value(Mark *mark, VtCommandLine *line, const VtRow *row)
{
    const VtLayer *layer = vt_schema_type_layer(line->schema, line->program->options_type);
    size_t size = vt_field_size(line->schema, layer, row);
    void *field = (char *)line->options + row->offset;
    Kept kept = {row, g_memdup2(field, size), *bit_word(line, row, false) >> (row->bit % 64) & 1,
                 *bit_word(line, row, true) >> (row->bit % 64) & 1};

    memset(field, 0, size);
    g_array_append_val(mark->kept, kept);
}

/* Exchanges the current state and the one at @mark. */
static void
swap_state(Mark *mark, VtCommandLine *line)
{
    const VtLayer *layer = vt_schema_type_layer(line->schema, line->program->options_type);
    GPtrArray *machine = line->machine, *creations = line->creations;

    line->machine = mark->machine;
    line->creations = mark->creations;
    mark->machine = machine;
    mark->creations = creations;
    g_array_set_size(line->given, mark->n_given);
    g_ptr_array_set_size(line->globals, (gint)mark->n_globals);
    swap_str(&line->machine_name, &mark->machine_name);
    swap_str(&line->machine_where, &mark->machine_where);
    swap_str(&line->replaced_machine, &mark->replaced_machine);
    for (guint i = 0; i < mark->kept->len; i++) {
        Kept *kept = &g_array_index(mark->kept, Kept, i);
        void *field = (char *)line->options + kept->row->offset;
        size_t size = vt_field_size(line->schema, layer, kept->row);
        g_autofree void *new = g_memdup2(field, size);

        memcpy(field, kept->value, size);
        memcpy(kept->value, new, size);
        set_bit(bit_word(line, kept->row, false), kept->row, kept->given);
        set_bit(bit_word(line, kept->row, true), kept->row, kept->present);
    }
}

static void
mark_clear(Mark *mark, const VtCommandLine *line)
{
    const VtLayer *layer = vt_schema_type_layer(line->schema, line->program->options_type);

    g_ptr_array_unref(mark->machine);
    g_ptr_array_unref(mark->creations);
    g_free(mark->machine_name);
    g_free(mark->machine_where);
    g_free(mark->replaced_machine);
    for (guint i = 0; i < mark->kept->len; i++) {
        Kept *kept = &g_array_index(mark->kept, Kept, i);

        vt_field_clear(line->schema, layer, kept->row, kept->value);
        g_free(kept->value);
    }
    g_array_unref(mark->kept);
}

/* ---- options ------------------------------------------------------------------------------------------- */

static void
drop_earlier(GPtrArray *sources)
{
    for (guint i = sources->len; i-- > 0;) {
        if (((VtSource *)sources->pdata[i])->of_command) {
            g_ptr_array_remove_index(sources, i);
        }
    }
}

static bool
set_option(VtCommandLine *line, Mark *mark, const char *command, const char *name, json_object *value, GError **error)
{
    const VtOption *option = vt_program_option(line->program, name);
    const char *where = g_string_chunk_insert_const(line->labels, command);
    g_autofree char *text = NULL;
    VtSource *source;

    g_assert(option);
    if (option->row && !(option->row->flags & VT_ROW_LIST)) {
        keep_value(mark, line, option->row);
    }
    if (option->role == VT_ROLE_MACHINE) {
        drop_earlier(line->machine);
    }
    text = json_object_is_type(value, json_type_string) ? g_strdup(json_object_get_string(value)) : vt_json_text(value);
    source = vt_source_new_text(text, strlen(text), option->implied_key, where);
    source->of_command = true;
    return vt_option_apply(line, option, source, 0, error);
}

static bool
set_all(VtCommandLine *line, Mark *mark, const char *command, json_object *options, GError **error)
{
    json_object_object_foreach (options, name, value) {
        if (!set_option(line, mark, command, name, value, error)) {
            return false;
        }
    }
    return true;
}

/* ---- the VM -------------------------------------------------------------------------------------------- */

/* Fails if a realized object of @vm would have another value in the plan @fresh. */
static bool
check_realized(const VtVm *vm, const VtVm *fresh, const char *command, GError **error)
{
    g_autoptr(GArray) objects = vt_vm_objects(vm);

    for (guint i = 0; i < objects->len; i++) {
        const VtObject *object = g_array_index(objects, VtEntryKey, i).object, *other;
        const VtClassInfo *info = vt_object_class(object);

        if (!vt_object_realized(object) || !vt_object_id(object)) {
            continue;
        }
        other = vt_vm_find(fresh, info->root->kind, vt_object_id(object));
        for (size_t k = 0; other && k < info->n_props; k++) {
            json_object *a, *b;
            bool same;

            vt_object_values(object, &info->props[k], 0, NULL, &a);
            vt_object_values(other, &info->props[k], 0, NULL, &b);
            same = json_object_equal(a, b);
            json_object_put(a);
            json_object_put(b);
            if (!same) {
                return vt_error_set(error,
                                    "%s: %s '%s' exists already, and its '%s' would have another default; set it",
                                    command, info->root->kind, vt_object_id(object), info->props[k].name);
            }
        }
    }
    return true;
}

/* Plans a new VM from all that is known, which checks it, then @vm. */
static bool
plan_again(VtCommandLine *line, VtVm *vm, const char *command, const VtLifeCheck *life, char **ret_notice,
           GError **error)
{
    g_autoptr(VtVm) fresh = vt_command_line_choose(line, NULL, ret_notice, error);

    return fresh && (!life || vt_vm_check_life(fresh, life, error)) && check_realized(vm, fresh, command, error) &&
           vt_option_plan_again(line, vm, vt_platform_version(vt_context_platform(vt_vm_context(fresh))), error);
}

/* Plans @vm again if @ok; else, or if that fails, restores the state at @mark.  Clears @mark. */
static bool
finish(VtCommandLine *line, VtVm *vm, Mark *mark, const char *command, bool ok, const VtLifeCheck *life,
       char **ret_notice, GError **error)
{
    uint16_t before = vt_platform_version(vt_context_platform(vt_vm_context(vm)));
    const VtContext *ctx = vt_vm_context(vm);

    *ret_notice = NULL;
    ok = ok && plan_again(line, vm, command, life, ret_notice, error);
    if (!ok) {
        g_clear_pointer(ret_notice, g_free);
        swap_state(mark, line);
        if (vt_vm_context(vm) != ctx && !vt_option_plan_again(line, vm, before, NULL)) {
            vt_vm_quit(vm, "host-error");
        }
    }
    mark_clear(mark, line);
    return ok;
}

bool
vt_command_line_set(VtCommandLine *line, VtVm *vm, const char *command, json_object *options, const VtLifeCheck *life,
                    char **ret_notice, GError **error)
{
    Mark mark;
    bool ok;

    forget_deleted(line, vm);
    mark_init(&mark, line);
    ok = set_all(line, &mark, command, options, error);
    return finish(line, vm, &mark, command, ok, life, ret_notice, error);
}

bool
vt_command_line_create(VtCommandLine *line, VtVm *vm, const VtClassInfo *root, const char *command, VtSpan text,
                       const VtLifeCheck *life, char **ret_notice, GError **error)
{
    Mark mark;

    forget_deleted(line, vm);
    mark_init(&mark, line);
    g_ptr_array_add(line->creations, command_source(line, root, command, text));
    return finish(line, vm, &mark, command, true, life, ret_notice, error);
}

bool
vt_command_line_complete_vm(VtCommandLine *line, VtVm *vm, char **ret_notice, GError **error)
{
    forget_deleted(line, vm);
    line->complete = true;
    return plan_again(line, vm, "x-exit-preconfig", NULL, ret_notice, error);
}
