/* SPDX-License-Identifier: MIT */
/*
 * Applies the value of an option: to the program's options struct, to the objects to create, or to the options that it
 * expands to.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "schema/schema-private.h"
#include "visit/visit-private.h"
#include "vt-runtime/error.h"

#define DEPTH_LIMIT 8 /* of nested expansions */

static bool
is_composed(uint8_t kind)
{
    return kind == VT_KIND_STRUCT || kind == VT_KIND_UNION || kind == VT_KIND_ALTERNATE || kind == VT_KIND_ANY;
}

/* Decodes a new value and replaces the old one.  Members of a struct that the new value lacks keep their old values. */
static bool
replace(const VtCommandLine *line, VtInput *input, const VtLayer *layer, const VtRow *row, void *field, GError **error)
{
    size_t size = vt_field_size(line->schema, layer, row);
    g_autofree void *fresh = g_malloc0(size);

    if (!vt_input_visit_value(input, line->schema, NULL, layer, row, fresh, error)) {
        return false;
    }
    vt_visit_merge(line->schema, row, fresh, field);
    vt_field_clear(line->schema, layer, row, field);
    memcpy(field, fresh, size);
    return true;
}

/* Opens a value of members.  In key=value text, keys may be other names of members, or be held as a list. */
static VtInput *
open_members(const VtCommandLine *line, const VtOption *option, VtSource *source, GError **error)
{
    if (!vt_source_is_text(source) || (!option->rest && !option->renames)) {
        return vt_source_open(source, error);
    }
    return vt_option_open_members(line->schema, option, source, error);
}

static void
add_place(VtCommandLine *line, const VtRow *row, const VtSource *source)
{
    VtPlaceOfValue place = {row, source->where};
    g_autofree char *where = NULL;

    if (source->line) {
        where = g_strdup_printf("%s:%u:%u: %s", source->where, source->line, source->column, source->path);
        place.where = g_string_chunk_insert_const(line->labels, where);
    }
    g_array_append_val(line->places, place);
}

/* Decodes the value into the program's options struct.  Appends to a list; merges into a struct. */
static bool
set_row(VtCommandLine *line, const VtOption *option, VtSource *source, GError **error)
{
    const VtLayer *layer = vt_schema_type_layer(line->schema, line->program->options_type);
    const VtType *type = vt_schema_type(line->schema, line->program->options_type);
    const VtRow *row = option->row;
    VtRow element = *row;
    void *field = (char *)line->options + row->offset;
    /* The whole text of a plain value on the command line is the value, including commas and quotes. */
    bool plain = source->text && !source->line &&
                 (!is_composed(row->kind) || (row->kind == VT_KIND_ALTERNATE && source->text[0] != '{'));
    g_autoptr(VtInput) input =
        plain ? vt_input_new_value(source->text, source->where) : open_members(line, option, source, error);
    bool ok;

    if (!input) {
        return false;
    }
    if (row->flags & VT_ROW_LIST) {
        VtList *list = field;
        size_t size;

        element.flags &= ~(VT_ROW_LIST | VT_ROW_BOXED);
        size = vt_row_size(line->schema, layer, &element);
        list->v = g_realloc_n(list->v, list->n + 1, size);
        field = (char *)list->v + list->n * size;
        memset(field, 0, size);
        ok = vt_input_visit_value(input, line->schema, NULL, layer, &element, field, error);
        list->n += ok;
        if (ok) {
            add_place(line, row, source);
        }
    } else {
        ok = replace(line, input, layer, row, field, error);
    }
    if (ok) {
        uint32_t present = type->words_offset + type->words * sizeof(uint64_t);

        *vt_given_word(line->options, type->words_offset, row->bit) |= UINT64_C(1) << (row->bit % 64);
        *vt_given_word(line->options, present, row->bit) |= UINT64_C(1) << (row->bit % 64);
    }
    return ok;
}

/* Decodes the values in one text of the command line, which replace earlier ones. */
static bool
set_values(VtCommandLine *line, const VtOption *option, const VtSource *source, GError **error)
{
    const VtLayer *layer = vt_schema_type_layer(line->schema, line->program->options_type);
    const char separator[] = {option->separator, '\0'};
    g_auto(GStrv) values = g_strsplit(*source->text ? source->text : separator, separator, -1);
    bool ok = true;

    vt_field_clear(line->schema, layer, option->row, (char *)line->options + option->row->offset);
    for (char **value = values; ok && *value; value++) {
        g_autoptr(VtSource) part = vt_source_new_text(*value, strlen(*value), NULL, vt_source_place(source));

        ok = set_row(line, option, part, error);
    }
    return ok;
}

/* Removes earlier values of an option that is not repeatable. */
static void
remove_creations(VtCommandLine *line, const VtClassInfo *root)
{
    for (guint i = line->creations->len; i-- > 0;) {
        if (((VtSource *)g_ptr_array_index(line->creations, i))->root == root) {
            g_ptr_array_remove_index(line->creations, i);
        }
    }
}

/* Takes ownership of @source. */
static bool
add_creation(VtCommandLine *line, VtSource *source, GError **error)
{
    g_autofree char *front = NULL;
    bool ok = vt_source_write_out(line->schema, source, &front, error);

    if (!ok) {
        vt_source_unref(source);
        return false;
    }
    g_ptr_array_add(line->creations, source);
    if (front) {
        VtSource *other = vt_source_new_text(front, strlen(front), NULL, vt_source_place(source));

        other->root = source->root;
        g_ptr_array_add(line->creations, other);
    }
    return true;
}

/* The value of @target that a value of @option expands to.  Functions return values in command line syntax, and so are
 * the settings of forms. */
static VtSource *
part_of(const VtOption *option, const VtOption *target, const VtSource *source, json_object *value)
{
    VtSource *part;

    if ((option->expand || option->forms) && json_object_is_type(value, json_type_string)) {
        const char *text = json_object_get_string(value);

        return vt_source_new_text(text, strlen(text), target->implied_key, vt_source_place(source));
    }
    if (option->forms) {
        g_autofree char *text = vt_setting_text(value);

        part = vt_source_new_text(text, strlen(text), NULL, vt_source_place(source));
        part->expanded = option == target;
        return part;
    }
    return vt_source_new_tree(value, vt_source_place(source));
}

/* Applies the options of @expansion. */
static bool
apply_expansion(VtCommandLine *line, const VtOption *option, const VtSource *source, json_object *expansion,
                unsigned depth, GError **error)
{
    bool ok = true;

    for (size_t i = 0; ok && i < json_object_array_length(expansion); i++) {
        json_object *item = json_object_array_get_idx(expansion, i), *name = NULL, *value = NULL;
        const VtOption *target;
        VtSource *part;

        json_object_object_get_ex(item, "option", &name);
        json_object_object_get_ex(item, "value", &value);
        target = vt_program_option(line->program, json_object_get_string(name));
        g_assert(target);
        part = part_of(option, target, source, value);
        ok = vt_option_apply(line, target, part, depth + 1, error);
    }
    return ok;
}

static bool
expand(VtCommandLine *line, const VtOption *option, const VtSource *source, unsigned depth, GError **error)
{
    json_object *expansion;
    bool ok;

    if (depth == DEPTH_LIMIT) {
        return vt_error_set(error, "%s: expands to itself", vt_source_place(source));
    }
    expansion = vt_option_expansion(line, option, source, error);
    ok = expansion && apply_expansion(line, option, source, expansion, depth, error);
    json_object_put(expansion);
    return ok;
}

/* Replaces a text by the settings that it stands for. */
static bool
take_form(const VtOption *option, VtSource *source, GError **error)
{
    json_object *settings;

    if (!option->forms || !vt_source_is_text(source)) {
        return true;
    }
    settings = vt_option_form(option, source, source->text, error);
    if (!settings) {
        return false;
    }
    vt_source_set_text(source, vt_setting_text(settings));
    json_object_put(settings);
    vt_source_add_values(source, option);
    return true;
}

static bool
apply_section(VtCommandLine *line, const VtOption *option, VtSource *source, GError **error)
{
    return vt_option_apply(line, option, source, 0, error);
}

/* Keeps the value as the user gave it.  Some options take parts out of their values, or write them in another way. */
static void
keep_given(VtCommandLine *line, const VtOption *option, VtSource *source)
{
    const VtClassInfo *root = vt_option_class(line, option);
    bool changes =
        option->forms || option->globals || (root && (vt_class_is_machine(root) || vt_source_is_written_out(root)));
    VtGiven given = {option, changes ? vt_source_copy(source) : vt_source_ref(source)};

    g_array_append_val(line->given, given);
}

static bool
load_schema(const VtCommandLine *line, const VtOption *option, const VtSource *source, GError **error)
{
    g_autofree char *path = vt_source_keyval(source, error);

    if (!path) {
        return false;
    }
    if (!vt_schema_load(line->schema, path, error)) {
        g_prefix_error(error, "-%s: ", option->name);
        return false;
    }
    return true;
}

bool
vt_option_apply(VtCommandLine *line, const VtOption *option, VtSource *source, unsigned depth, GError **error)
{
    g_autoptr(VtSource) owned = source;

    line->named[option - line->program->options] |= depth == 0;
    source->sensitive |= (option->flags & VT_OPTION_SENSITIVE) != 0;
    line->used[option - line->program->options] = true;
    vt_source_add_values(source, option);
    vt_option_change(line, option, source);
    if (option->role == VT_ROLE_SECTIONS) {
        g_autofree char *path = vt_source_keyval(source, error);

        return path && vt_section_file_each(line, path, apply_section, error);
    }
    /* A change is in the value that it changes. */
    if (depth == 0 && option->role != VT_ROLE_CHANGE) {
        keep_given(line, option, source);
    }
    if (option->flags & VT_OPTION_LATE) {
        source->option = option;
        if (!source->implied_key) {
            source->implied_key = option->implied_key;
        }
        g_ptr_array_add(line->late, g_steal_pointer(&owned));
        return true;
    }
    if (vt_option_expands(option, source)) {
        return expand(line, option, source, depth, error);
    }
    if (option->flags & VT_OPTION_CREATES) {
        const VtClassInfo *root = vt_option_class(line, option);

        g_assert(root);
        source->root = root;
        if (option->class_suffixes) {
            vt_option_add_model(line, option, g_steal_pointer(&owned));
            return true;
        }
        if (!(option->flags & VT_OPTION_MULTIPLE)) {
            remove_creations(line, root);
        }
        if ((vt_class_is_machine(root) && !vt_option_take_machine(line, root, source, error)) ||
            (option->globals && !vt_option_take_globals(line, option, source, error))) {
            return false;
        }
        if (vt_class_is_machine(root)) {
            g_ptr_array_add(line->machine, g_steal_pointer(&owned));
        } else if (!add_creation(line, g_steal_pointer(&owned), error)) {
            return false;
        }
        return true;
    }
    if (option->role == VT_ROLE_SCHEMA && !load_schema(line, option, source, error)) {
        return false;
    }
    if (option->role == VT_ROLE_GLOBAL) {
        /* A frozen file has the globals of other options, too. */
        return vt_option_add_global(line, source, depth || (source->line && line->frozen), error);
    }
    if (option->separator && source->text && !source->line && source->text[0] != '[') {
        return set_values(line, option, source, error);
    }
    return !option->row || (take_form(option, source, error) && set_row(line, option, source, error));
}
