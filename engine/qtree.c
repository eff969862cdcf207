/* SPDX-License-Identifier: MIT */
#include "qtree.h"

#include <string.h>

#include <json-c/json.h>

#define DEVICE "dev: " /* lines of the tree: "dev: TYPE, id "ID"" ... */
#define ID     ", id \""
#define BUS    "bus: " /* ... "bus: NAME", around the devices on it ... */
#define EQUALS " = "   /* ... and "NAME = VALUE" */

struct EngineQtree {
    GHashTable *values; /* "ID/TYPE/NAME" to the text of the value */
};

/* The device or bus that a line belongs to, and those around it. */
typedef struct Place {
    size_t indent;
    char *id, *type; /* id: that of the innermost device around it that has one; type: "" of a bus */
    char *bus;       /* name; NULL: a device */
} Place;

static char *
key_of(const char *id, const char *type, const char *name)
{
    return g_strdup_printf("%s/%s/%s", id, type, name);
}

static void
clear_place(void *opaque)
{
    Place *place = opaque;

    g_free(place->id);
    g_free(place->type);
    g_free(place->bus);
}

static void
insert(EngineQtree *tree, const Place *place, const char *name, const char *text)
{
    char *key = key_of(place->id, place->type, name);

    /* Of two devices of a type below one with an id, it is not known which is meant. */
    g_hash_table_insert(tree->values, key, g_strdup(g_hash_table_contains(tree->values, key) ? "" : text));
}

/* Leaves the places that a line with this indentation is not in.  Returns the innermost one that it is in, or NULL. */
static const Place *
leave(GArray *places, size_t indent)
{
    while (places->len && g_array_index(places, Place, places->len - 1).indent >= indent) {
        g_array_remove_index(places, places->len - 1);
    }
    return places->len ? &g_array_index(places, Place, places->len - 1) : NULL;
}

/* @line: "dev: TYPE, id "ID"" after its indentation. */
static void
enter_device(EngineQtree *tree, GArray *places, size_t indent, const char *line)
{
    const char *type = line + strlen(DEVICE), *id = strstr(type, ID), *end = id ? strrchr(line, '"') : NULL;
    const Place *around = leave(places, indent);
    Place place = {.indent = indent};

    /* A line in another form is a device without a known id: none of its values are those of the device around it. */
    place.type = id ? g_strndup(type, id - type) : g_strdup("");
    place.id = id && end >= id + strlen(ID) ? g_strndup(id + strlen(ID), end - id - strlen(ID)) : g_strdup("");
    if (id && !*place.id && around) {
        g_free(place.id);
        place.id = g_strdup(around->id);
    }
    if (*place.id && around && around->bus) {
        g_autofree char *bus = g_strdup_printf("\"%s\"", around->bus);

        insert(tree, &place, "bus", bus);
    }
    g_array_append_val(places, place);
}

/* @line: "bus: NAME" after its indentation. */
static void
enter_bus(GArray *places, size_t indent, const char *line)
{
    const Place *around = leave(places, indent);
    Place place = {indent, g_strdup(around ? around->id : ""), g_strdup(""), g_strdup(line + strlen(BUS))};

    g_array_append_val(places, place);
}

static void
take_value(EngineQtree *tree, const GArray *places, size_t indent, const char *line)
{
    const Place *place = places->len ? &g_array_index(places, Place, places->len - 1) : NULL;
    const char *equals = strstr(line, EQUALS);

    if (place && !place->bus && *place->id && equals && indent > place->indent) {
        g_autofree char *name = g_strndup(line, equals - line);

        insert(tree, place, name, equals + strlen(EQUALS));
    }
}

EngineQtree *
engine_qtree_new(const char *text)
{
    EngineQtree *tree = g_new(EngineQtree, 1);
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(Place));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    tree->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_array_set_clear_func(places, clear_place);
    for (char **line = lines; *line; line++) {
        size_t indent;

        g_strchomp(*line);
        indent = strspn(*line, " ");
        if (g_str_has_prefix(*line + indent, DEVICE)) {
            enter_device(tree, places, indent, *line + indent);
        } else if (g_str_has_prefix(*line + indent, BUS)) {
            enter_bus(places, indent, *line + indent);
        } else {
            take_value(tree, places, indent, *line + indent);
        }
    }
    return tree;
}

void
engine_qtree_free(EngineQtree *tree)
{
    if (tree) {
        g_hash_table_unref(tree->values);
        g_free(tree);
    }
}

/* Whether @text is the number @value of a device and function of PCI: 1f.3. */
static bool
reads_slot(const char *text, int64_t value)
{
    char own[8];

    g_snprintf(own, sizeof own, "%02x.%x", (unsigned)(value >> 3) & 0x1f, (unsigned)value & 7);
    return value >= 0 && value <= UINT8_MAX && strcmp(text, own) == 0;
}

/* Whether @text is @value as the monitor prints it: true, 5 (0x5), 1f.3, "text". */
static bool
reads(const char *text, json_object *value)
{
    const char *own = json_object_get_string(value);
    size_t len;

    if (!own) {
        return false;
    }
    len = strlen(own);
    switch (json_object_get_type(value)) {
    case json_type_boolean:
        return strcmp(text, own) == 0;
    case json_type_int:
        return (strncmp(text, own, len) == 0 && (text[len] == '\0' || text[len] == ' ')) ||
               reads_slot(text, json_object_get_int64(value));
    case json_type_string:
        return strlen(text) == len + 2 && text[0] == '"' && strncmp(text + 1, own, len) == 0 && text[len + 1] == '"';
    default:
        return false;
    }
}

static bool
shows(const EngineQtree *tree, const char *id, const VtObject *part, const char *name, json_object *value)
{
    g_autofree char *type = vt_object_qom_type(part), *key = key_of(id, type, name);
    const char *text = g_hash_table_lookup(tree->values, key);

    return text && reads(text, value);
}

bool
engine_qtree_shows(const EngineQtree *tree, const VtObject *device, const char *name, json_object *value)
{
    const VtClassInfo *info = vt_object_class(device);
    const char *id = vt_object_id(device);
    bool found = id && shows(tree, id, device, name, value);

    for (size_t i = 0; id && !found && i < info->n_children; i++) {
        found = shows(tree, id, vt_object_child(device, info->child_names[i]), name, value);
    }
    return found;
}
