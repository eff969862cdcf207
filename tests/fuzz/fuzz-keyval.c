/* SPDX-License-Identifier: MIT */
/*
 * Key=value text into a tree, a struct with members of all kinds, creations, and single values.
 */
#include "fuzz.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-gen/text-program-text.h"
#include "vt-runtime/input.h"
#include "vt-runtime/output.h"

static VtSchema *schema;
static VtContext *ctx;

static void
decode_type(const char *text)
{
    uint16_t type = vt_schema_find_type(schema, "Kinds");
    g_autoptr(GError) error = NULL;
    g_autoptr(VtInput) input = vt_input_new_option(text, NULL, "fuzz", &error);
    g_autofree void *data = NULL;

    g_assert_true(!input == !!error);
    if (!input) {
        return;
    }
    data = g_malloc0(vt_schema_type(schema, type)->size);
    if (vt_input_visit_type(input, schema, ctx, type, data, &error)) {
        json_object_put(vt_output_type(schema, type, data, VT_OUTPUT_NAMES));
        vt_struct_clear(schema, type, data);
    }
    g_clear_error(&error);
    json_object_put(vt_input_to_object(input, NULL));
}

static void
decode_creation(const char *root, const char *implied_key, const char *text)
{
    g_autoptr(VtInput) input = vt_input_new_option(text, implied_key, "fuzz", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtConfig) config = NULL;

    if (input) {
        config = vt_input_visit_creation(input, ctx, vt_schema_class(schema, root), &error);
        g_assert_true(!config == !!error);
    }
}

static void
decode_values(const char *text)
{
    const VtClassInfo *info = vt_schema_class(schema, "lamp");

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        g_autoptr(VtInput) input = vt_input_new_value(text, "fuzz");
        g_autofree void *field = g_malloc0(MAX(vt_row_size(schema, prop->layer, prop->row), sizeof(VtList)));

        if (vt_input_visit_value(input, schema, ctx, prop->layer, prop->row, field, NULL)) {
            g_free(vt_output_text(schema, prop->layer, prop->row, field));
            vt_field_clear(schema, prop->layer, prop->row, field);
        }
    }
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    g_autofree char *text = g_strndup((const char *)bytes, len);

    if (!schema) {
        schema = vt_schema_new(text_vt_program_text.layers);
        ctx = vt_context_new(schema, vt_platform_new(schema, 0, NULL, NULL), NULL, VT_TARGET_X86_64, NULL);
    }
    decode_type(text);
    decode_creation("object", "qom-type", text);
    decode_creation("node", NULL, text);
    decode_creation("link", "type", text);
    decode_values(text);
    return 0;
}
