/* SPDX-License-Identifier: MIT */
/*
 * Completion of a line, from the table: names of commands, subjects, values of enums, ids of objects, options.
 */
#include "human-private.h"

#include <string.h>

#include "vt-runtime/object.h"
#include "vt-runtime/options.h"

/* What the candidates are for. */
typedef struct Search {
    const VtService *service;
    const VtSchema *schema;
    const char *word; /* what the user typed of it */
    GPtrArray *found;
} Search;

static void
add(Search *search, const char *candidate)
{
    if (g_str_has_prefix(candidate, search->word)) {
        g_ptr_array_add(search->found, g_strdup(candidate));
    }
}

/* The names that begin with @prefix, which is left out; with a blank in them only after a prefix. */
static void
add_commands(Search *search, uint16_t target, const char *prefix)
{
    for (const VtHmp *command = NULL; (command = vt_human_next(search->service->program, target, command));) {
        if (g_str_has_prefix(command->name, prefix) && !strchr(command->name + strlen(prefix), ' ')) {
            add(search, command->name + strlen(prefix));
        }
    }
    if (!*prefix) {
        add(search, VT_HUMAN_INFO);
    }
}

static bool
add_id(VtObject *object, void *opaque)
{
    const char *id = vt_object_id(object);

    if (id) {
        add(opaque, id);
    }
    return true;
}

/* The words that the shell would have in place of the value of an option. */
static void
add_values(Search *search, uint16_t target, const char *option)
{
    g_autofree char *name = g_strdup_printf("-%s", option);
    g_autofree char *value = g_strdup(search->word);
    char *argv[] = {name, value};
    g_autofree char *text =
        vt_command_line_complete(search->service->program, search->schema, target, G_N_ELEMENTS(argv), argv);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 0);

    for (char **line = lines; *line && **line && **line != ':'; line++) {
        (*line)[strcspn(*line, "\t")] = '\0';
        add(search, *line);
    }
}

static void
add_names(Search *search, const VtLayer *layer, const VtRow *row)
{
    const VtType *type;

    if (row->kind == VT_KIND_BOOL) {
        add(search, "on");
        add(search, "off");
    } else if (row->kind == VT_KIND_ENUM) {
        layer = vt_schema_type_layer(search->schema, row->type);
        type = vt_schema_type(search->schema, row->type);
        for (unsigned i = 0; i < type->count; i++) {
            add(search, vt_str(layer, layer->names[type->first + i].name));
        }
    }
}

/* The argument that the word after @words is, or -1. */
static int
argument_at(const VtHmp *command, unsigned words)
{
    for (unsigned i = 0; i < command->n_args; i++) {
        if (!command->args[i].flag && (!words-- || command->args[i].rest)) {
            return (int)i;
        }
    }
    return -1;
}

static void
add_argument(Search *search, uint16_t target, const VtHmp *command, const char *before)
{
    unsigned words = 0;
    char *word;
    int index;
    const VtLayer *layer;
    const VtRow *row;

    while ((word = vt_human_word(&before, NULL))) {
        words += *word != '-' && *word != '/';
        g_free(word);
    }
    index = argument_at(command, words);
    if (index < 0) {
        return;
    }
    if (command->args[index].option) {
        add_values(search, target, command->args[index].option);
    } else if (command->args[index].refers) {
        const VtClassInfo *root = vt_schema_class(search->schema, command->args[index].refers);

        vt_vm_each(search->service->vm, root->kind, add_id, search);
    }
    row = vt_human_row(search->schema, command, (unsigned)index, &layer);
    add_names(search, layer, row);
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
vt_human_complete(const VtService *service, const char *line)
{
    Search search = {service, vt_context_schema(vt_vm_context(service->vm)), line,
                     g_ptr_array_new_with_free_func(g_free)};
    uint16_t target = vt_context_target(vt_vm_context(service->vm));
    size_t len = strlen(line);
    g_autofree char *before = NULL, *name = NULL;
    const char *rest;
    const VtHmp *command;

    while (len && !g_ascii_isspace(line[len - 1])) {
        len--;
    }
    search.word = line + len;
    before = g_strchug(g_strndup(line, len));
    command = *before ? vt_human_find(service->program, target, before, &rest, &name) : NULL;
    if (!*before) {
        add_commands(&search, target, "");
    } else if (command) {
        add_argument(&search, target, command, rest);
    } else if (strcmp(g_strchomp(before), VT_HUMAN_INFO) == 0) {
        add_commands(&search, target, VT_HUMAN_INFO " ");
    }
    g_ptr_array_sort(search.found, compare);
    return search.found;
}
