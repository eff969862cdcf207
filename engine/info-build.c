/* SPDX-License-Identifier: MIT */
#include "info-build.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/json.h"

static void
align(InfoBuild *build)
{
    static const guint8 zeroes[8];

    g_byte_array_append(build->block, zeroes, -build->block->len % 8);
}

void
info_build_init(InfoBuild *build)
{
    static const InfoHead none;

    *build = (InfoBuild){
        .block = g_byte_array_new(),
        .texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .lists = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL),
        .types = g_array_new(FALSE, FALSE, sizeof(InfoType)),
        .machines = g_array_new(FALSE, FALSE, sizeof(InfoMachine)),
    };
    g_byte_array_append(build->block, (const guint8 *)&none, sizeof(none));
}

void
info_build_clear(InfoBuild *build)
{
    g_clear_pointer(&build->block, g_byte_array_unref);
    g_hash_table_unref(build->texts);
    g_hash_table_unref(build->lists);
    g_array_unref(build->types);
    g_array_unref(build->machines);
}

uint32_t
info_build_text(InfoBuild *build, const char *text)
{
    uint32_t offset;

    if (!text) {
        return 0;
    }
    offset = GPOINTER_TO_UINT(g_hash_table_lookup(build->texts, text));
    if (!offset) {
        offset = build->block->len;
        g_byte_array_append(build->block, (const guint8 *)text, strlen(text) + 1);
        g_hash_table_insert(build->texts, g_strdup(text), GUINT_TO_POINTER(offset));
    }
    return offset;
}

static uint32_t
member_text(InfoBuild *build, json_object *object, const char *name)
{
    json_object *value = NULL;

    json_object_object_get_ex(object, name, &value);
    return info_build_text(build, json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL);
}

static uint32_t
member_json(InfoBuild *build, json_object *object, const char *name)
{
    json_object *value;
    g_autofree char *text = NULL;

    if (!json_object_object_get_ex(object, name, &value)) {
        return 0;
    }
    text = vt_json_text(value);
    return info_build_text(build, text);
}

/* Appends the elements of @list. */
static InfoList
append(InfoBuild *build, GArray *list)
{
    InfoList result = {0, list->len};

    align(build);
    result.first = build->block->len;
    g_byte_array_append(build->block, (const guint8 *)list->data, list->len * g_array_get_element_size(list));
    return result;
}

static int
compare(const void *a, const void *b, void *opaque)
{
    const InfoBuild *build = opaque;

    return strcmp((const char *)build->block->data + *(const uint32_t *)a,
                  (const char *)build->block->data + *(const uint32_t *)b);
}

/* ---- types --------------------------------------------------------------------------------------------- */

void
info_build_type(InfoBuild *build, const char *name, const char *parent, uint32_t flags)
{
    InfoType type = {.name = info_build_text(build, name), .parent = info_build_text(build, parent), .flags = flags};

    g_array_append_val(build->types, type);
}

void
info_build_props(InfoBuild *build, guint index, json_object *reply)
{
    InfoType *type = &g_array_index(build->types, InfoType, index);
    g_autoptr(GArray) props = g_array_new(FALSE, FALSE, sizeof(InfoProp));
    GBytes *bytes;

    for (size_t i = 0; i < json_object_array_length(reply); i++) {
        json_object *one = json_object_array_get_idx(reply, i);
        InfoProp prop = {.name = member_text(build, one, "name"),
                         .type = member_text(build, one, "type"),
                         .value = member_json(build, one, "default-value")};

        if (prop.name && prop.type) {
            g_array_append_val(props, prop);
        }
    }
    g_array_sort_with_data(props, compare, build);
    bytes = g_bytes_new(props->data, props->len * sizeof(InfoProp));
    type->props.count = props->len;
    type->props.first = GPOINTER_TO_UINT(g_hash_table_lookup(build->lists, bytes));
    if (!type->props.first) {
        type->props = append(build, props);
        g_hash_table_insert(build->lists, g_bytes_ref(bytes), GUINT_TO_POINTER(type->props.first));
    }
    g_bytes_unref(bytes);
}

/* ---- machines and names -------------------------------------------------------------------------------- */

void
info_build_machine(InfoBuild *build, json_object *machine)
{
    InfoMachine self = {.name = member_text(build, machine, "name"),
                        .alias = member_text(build, machine, "alias"),
                        .cpu_type = member_text(build, machine, "default-cpu-type")};
    json_object *compat;

    if (json_object_object_get_ex(machine, "compat-props", &compat) && json_object_is_type(compat, json_type_array)) {
        g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(InfoCompat));

        for (size_t i = 0; i < json_object_array_length(compat); i++) {
            json_object *one = json_object_array_get_idx(compat, i);
            InfoCompat row = {.type = member_text(build, one, "qom-type"),
                              .property = member_text(build, one, "property"),
                              .value = member_text(build, one, "value")};

            if (row.type && row.property && row.value) {
                g_array_append_val(rows, row);
            }
        }
        self.flags = INFO_MACHINE_COMPAT;
        self.compat = append(build, rows);
    }
    if (self.name) {
        g_array_append_val(build->machines, self);
    }
}

InfoList
info_build_names(InfoBuild *build, json_object *reply, const char *member)
{
    g_autoptr(GArray) names = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    for (size_t i = 0; i < json_object_array_length(reply); i++) {
        uint32_t name = member_text(build, json_object_array_get_idx(reply, i), member);

        if (name) {
            g_array_append_val(names, name);
        }
    }
    g_array_sort_with_data(names, compare, build);
    return append(build, names);
}

GByteArray *
info_build_end(InfoBuild *build, InfoHead *head)
{
    g_array_sort_with_data(build->types, compare, build);
    head->types = append(build, build->types);
    g_array_sort_with_data(build->machines, compare, build);
    head->machines = append(build, build->machines);
    align(build);
    memcpy(head->magic, INFO_MAGIC, sizeof(head->magic));
    head->format = INFO_FORMAT;
    head->size = build->block->len;
    memcpy(build->block->data, head, sizeof(*head));
    head->checksum = info_block_checksum(build->block->data, head->size);
    memcpy(build->block->data, head, sizeof(*head));
    return g_steal_pointer(&build->block);
}
