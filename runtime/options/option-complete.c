/* SPDX-License-Identifier: MIT */
/*
 * Completion of a command line from the tables: options, the values of each, keys, and ids of the objects so far.
 */
#include "option-complete.h"

#include <string.h>

#include <json-c/json.h>

#include "option-help.h"
#include "text/keyval.h"
#include "vt-runtime/json.h"

static const char *
last_item(const char *text)
{
    for (const char *end; *(end = vt_keyval_item_end(text));) {
        text = end + 1;
    }
    return text;
}

/* ---- objects so far ------------------------------------------------------------------------------------ */

static void
add_object(VtCompletion *self, const VtClassInfo *class, const char *id)
{
    VtKnownObject known = {class, g_strdup(id)};

    g_array_append_val(self->objects, known);
}

static void
add_bus(VtCompletion *self, const char *type, char *name)
{
    VtKnownBus known = {g_strdup(type), name};

    g_array_append_val(self->buses, known);
}

static void
take_child(const char *name, const char *type, void *opaque)
{
    VtCompletion *self = opaque;

    if (vt_schema_bus_is_a(self->schema, type, type)) {
        add_bus(self, type, g_strdup(name));
    }
}

static void
take_objects(VtCompletion *self, const VtVm *vm)
{
    g_autoptr(GArray) keys = vt_vm_objects(vm);

    for (guint i = 0; i < keys->len; i++) {
        const VtObject *object = g_array_index(keys, VtEntryKey, i).object;
        g_autofree char *path = vt_object_path(object);

        if (vt_object_id(object) && g_ascii_isalnum(vt_object_id(object)[0])) {
            add_object(self, vt_object_class(object), vt_object_id(object));
        }
        vt_vm_each_child(vm, path, take_child, self);
    }
}

/* Without a plan: what the values say. */
static void
take_creations(VtCompletion *self, const VtCommandLine *line)
{
    for (guint i = 0; i < line->creations->len; i++) {
        const VtSource *source = g_ptr_array_index(line->creations, i);
        const VtClassInfo *root = source->root, *class;
        g_autofree char *id = NULL, *tag = NULL;

        if (!root || !root->row->id_name) {
            continue;
        }
        id = vt_source_member(source, vt_str(root->layer, root->row->id_name));
        tag = vt_source_member(source, vt_str(root->layer, root->row->tag_name));
        class = tag ? vt_schema_class_by_tag(self->schema, root, tag) : NULL;
        if (!id || !class) {
            continue;
        }
        add_object(self, class, id);
        for (size_t bus = 0; bus < class->n_buses; bus++) {
            g_auto(GStrv) parts = g_strsplit(class->buses[bus].name, "{id}", -1);
            g_autofree char *named = g_strjoinv(id, parts);
            g_auto(GStrv) numbered = g_strsplit(named, "{n}", -1);

            add_bus(self, class->buses[bus].type, g_strjoinv("0", numbered));
        }
    }
}

/* Objects of the options before the one to complete.  An error among them is not reported here. */
static void
take_line(VtCompletion *self, int argc, char *const *argv)
{
    g_autoptr(VtCommandLine) line = vt_command_line_new(self->program, self->schema, argc, argv, NULL);
    g_autoptr(VtVm) vm = NULL;

    if (!line || vt_command_line_wants_help(line)) {
        return;
    }
    vt_command_line_set_default_target(line, vt_target_name(self->target), NULL);
    vt_command_line_omit_defaults(line);
    vm = vt_command_line_plan(line, NULL, NULL);
    if (vm) {
        take_objects(self, vm);
    } else {
        take_creations(self, line);
    }
}

/* ---- first items --------------------------------------------------------------------------------------- */

/* The texts of @pattern up to its first place for any text. */
static void
add_pattern(VtCompletion *self, const char *before, const char *pattern)
{
    size_t len = strcspn(pattern, "{");
    g_autofree char *text = g_strdup_printf("%s%.*s", before, (int)len, pattern);
    const char *place = pattern + len, *end = strchr(place, '}'), *words = strchr(place, '=');

    if (end && words && words < end) {
        g_autofree char *list = g_strndup(words + 1, end - words - 1);
        g_auto(GStrv) each = g_strsplit(list, "|", -1);

        for (char **word = each; *word; word++) {
            g_autofree char *longer = g_strconcat(text, *word, NULL);

            add_pattern(self, longer, end + 1);
        }
    } else if (text[0]) {
        vt_completion_add(self, text, "", "", NULL);
    }
}

static void
add_forms(VtCompletion *self, const VtOption *option)
{
    json_object *forms = option->forms ? json_tokener_parse(option->forms) : NULL;

    for (size_t i = 0; forms && i < json_object_array_length(forms); i++) {
        json_object *form = json_object_array_get_idx(forms, i);

        add_pattern(self, "", json_object_get_string(json_object_array_get_idx(form, 0)));
    }
    json_object_put(forms);
}

/* ---- values of options --------------------------------------------------------------------------------- */

/* The first item, which may have the key @key. */
static char *
first_of(const char *value, const char *key)
{
    const char *end = vt_keyval_item_end(value);
    const char *equals = memchr(value, '=', end - value);

    return equals ? vt_completion_item(value, key) : g_strndup(value, end - value);
}

static bool
add_feature(VtCompletion *self, const VtClassInfo *class, const char *kept, const char *item)
{
    char sign[] = {item[0], '\0'};
    g_autofree char *before = g_strconcat(kept, sign, NULL);

    if (item[0] != '+' && item[0] != '-') {
        return false;
    }
    for (size_t i = 0; i < class->n_props; i++) {
        const VtProp *prop = &class->props[i];

        if (prop->row->kind == VT_KIND_BOOL && !prop->hidden && !prop->alias_of &&
            !(prop->cold->features & VT_FEATURES_NO_INPUT) && vt_completion_offers(self, vt_prop_life(prop))) {
            vt_completion_add(self, before, prop->name, "", vt_text(prop->layer->texts, prop->cold->doc));
        }
    }
    return true;
}

static void
complete_model(VtCompletion *self, const VtOption *option, const char *value, const char *kept, const char *item)
{
    g_autofree char *model = first_of(value, option->implied_key ? option->implied_key : "");
    const VtClassInfo *class = *kept && model ? vt_option_find_model(option, self->schema, self->target, model) : NULL;

    if (!*kept) {
        vt_completion_add_models(self, option, "");
        vt_completion_add(self, "", "help", "", NULL);
    } else if (class && !add_feature(self, class, kept, item)) {
        const VtMemberSet set = {.class = class, .text = value, .path = ""};

        vt_completion_add_item(self, &set, kept, item);
    }
}

static void
complete_creation(VtCompletion *self, const VtClassInfo *root, const char *value, const char *kept, const char *item)
{
    const char *tag_key = vt_str(root->layer, root->row->tag_name);
    g_autofree char *keyed = vt_completion_item(value, tag_key);
    g_autofree char *tag = *kept ? keyed ? g_steal_pointer(&keyed) : first_of(value, tag_key) : NULL;
    VtMemberSet set = {.root = root, .text = value, .path = ""};
    VtMachineName machine = {NULL};

    if (!*kept && !strchr(item, '=')) {
        if (vt_class_is_machine(root)) {
            vt_completion_add_machines(self, root, "");
        } else {
            vt_completion_add_tags(self, root, "", "");
        }
        vt_completion_add(self, "", "help", "", NULL);
    }
    if (vt_class_is_machine(root)) {
        if (!tag || !vt_machine_find_for(self->schema, tag, self->target, &machine, NULL)) {
            const char *usual = vt_machine_default(self->schema, self->target);

            if (usual) {
                vt_machine_find_for(self->schema, usual, self->target, &machine, NULL);
            }
        }
        set.class = machine.family;
        if (!*kept && g_str_has_prefix(item, tag_key) && item[strlen(tag_key)] == '=') {
            g_autofree char *before = g_strconcat(tag_key, "=", NULL);

            vt_completion_add_machines(self, root, before);
        } else if (*kept || item[0]) {
            vt_completion_add_item(self, &set, kept, item);
        }
        vt_machine_name_clear(&machine);
        return;
    }
    set.class = tag ? vt_schema_class_by_tag(self->schema, root, tag) : NULL;
    if (tag && !set.class) {
        set.class = vt_schema_class_by_alias(self->schema, root, tag, self->target);
    }
    if (set.class || strchr(item, '=')) {
        vt_completion_add_item(self, &set, kept, item);
    }
}

static void
complete_struct(VtCompletion *self, const VtOption *option, const char *value, const char *kept, const char *item)
{
    VtMemberSet set = {.type = option->type, .text = value, .path = "", .keys = option};
    const VtClassInfo *rest = option->rest_root ? vt_schema_class(self->schema, option->rest_root) : NULL;
    g_autofree char *tag = rest && option->rest_tag ? vt_completion_item(value, option->rest_tag) : NULL;

    if (!*kept && option->implied_key && !strchr(item, '=')) {
        g_autofree char *implied = g_strconcat(option->implied_key, "=", NULL);
        g_autofree char *word = g_strconcat(implied, item, NULL);
        VtCompletion inner = *self;

        /* The values of the implied key, without the key. */
        inner.word = word;
        inner.lines = g_ptr_array_new_with_free_func(g_free);
        inner.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        vt_completion_add_item(&inner, &set, "", word);
        for (guint i = 0; i < inner.lines->len; i++) {
            g_auto(GStrv) parts =
                g_strsplit((const char *)g_ptr_array_index(inner.lines, i) + strlen(implied), "\t", 2);

            vt_completion_add(self, "", parts[0], "", parts[1]);
        }
        g_ptr_array_unref(inner.lines);
        g_hash_table_unref(inner.seen);
    }
    set.class = tag ? vt_schema_class_by_tag(self->schema, rest, tag) : NULL;
    vt_completion_add_item(self, &set, kept, item);
}

static void
complete_value(VtCompletion *self, const VtOption *option, const char *value)
{
    const char *item = last_item(value);
    g_autofree char *kept = g_strndup(value, item - value);
    const VtClassInfo *root = (option->flags & VT_OPTION_CREATES) ? vt_schema_class(self->schema, option->root) : NULL;
    const VtType *type = option->type ? vt_schema_type(self->schema, option->type) : NULL;

    if (option->class_suffixes) {
        self->goes_on = true;
        complete_model(self, option, value, kept, item);
    } else if (root) {
        self->goes_on = true;
        complete_creation(self, root, value, kept, item);
        if (*kept) {
            vt_completion_add_globals(self, option, kept, item);
        }
    } else if (type && (type->kind == VT_TYPE_STRUCT || type->kind == VT_TYPE_UNION)) {
        self->goes_on = true;
        complete_struct(self, option, value, kept, item);
    } else if (type && (type->kind == VT_TYPE_ENUM || type->kind == VT_TYPE_SCALAR)) {
        vt_completion_add_names(self, option->type, "");
    } else if (option->row) {
        const VtLayer *layer = vt_schema_type_layer(self->schema, self->program->options_type);

        vt_completion_add_values(self, layer, option->row, NULL, "");
    } else {
        self->wants_files = true;
    }
    if (!*kept && option->forms) {
        self->goes_on = true;
        add_forms(self, option);
    }
}

/* ---- options ------------------------------------------------------------------------------------------- */

static void
complete_name(VtCompletion *self)
{
    const char *dashes = g_str_has_prefix(self->word, "--") ? "--" : "-";

    for (uint32_t i = 0; i < self->program->n_options; i++) {
        const VtOption *option = &self->program->options[i];

        if ((!option->targets || !self->target || (option->targets & self->target)) &&
            vt_completion_offers(self, &option->life)) {
            vt_completion_add(self, dashes, option->name, "", vt_text(option->texts, option->doc));
        }
    }
}

static const VtOption *
option_at(const VtProgram *program, const char *word)
{
    return word[0] == '-' && word[1] ? vt_program_option(program, word + (word[1] == '-' ? 2 : 1)) : NULL;
}

static void
known_object_clear(gpointer object)
{
    g_free(((VtKnownObject *)object)->id);
}

static void
known_bus_clear(gpointer bus)
{
    g_free(((VtKnownBus *)bus)->type);
    g_free(((VtKnownBus *)bus)->name);
}

static int
compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *
vt_command_line_complete(const VtProgram *program, const VtSchema *schema, uint16_t target, int argc, char *const *argv)
{
    const VtOption *option = NULL;
    g_autoptr(VtCommandLine) empty = vt_command_line_new_empty(program, schema);
    VtCompletion self = {.program = program,
                         .schema = schema,
                         .target = target ? target : vt_command_line_target(empty),
                         .word = argv[argc - 1]};
    GString *text = g_string_new(NULL);
    int i = 0;

    for (; i < argc - 1; i++) {
        option = option_at(program, argv[i]);
        if (option && !(option->flags & VT_OPTION_FLAG)) {
            i++;
            if (i < argc - 1 && option->role == VT_ROLE_TARGET && vt_target_from_name(argv[i])) {
                self.target = vt_target_from_name(argv[i]);
            }
        }
    }
    vt_schema_set_target(schema, self.target);
    self.lines = g_ptr_array_new_with_free_func(g_free);
    self.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self.objects = g_array_new(FALSE, FALSE, sizeof(VtKnownObject));
    self.buses = g_array_new(FALSE, FALSE, sizeof(VtKnownBus));
    g_array_set_clear_func(self.objects, known_object_clear);
    g_array_set_clear_func(self.buses, known_bus_clear);
    /* @i is beyond the word if the word is the value of @option. */
    if (i == argc && option) {
        take_line(&self, argc - 2, argv);
        vt_schema_set_target(schema, self.target);
        complete_value(&self, option, self.word);
    } else {
        complete_name(&self);
    }
    g_ptr_array_sort(self.lines, compare_lines);
    for (guint k = 0; k < self.lines->len; k++) {
        g_string_append_printf(text, "%s\n", (const char *)g_ptr_array_index(self.lines, k));
    }
    g_string_append(text, self.wants_files && !self.lines->len ? ":files\n" : self.goes_on ? ":more\n" : ":end\n");
    g_ptr_array_unref(self.lines);
    g_hash_table_unref(self.seen);
    g_array_unref(self.objects);
    g_array_unref(self.buses);
    return g_string_free(text, FALSE);
}
