/* SPDX-License-Identifier: MIT */
/*
 * JSON text as a tree, a struct with members of all kinds, a union and creations.  A valid result is printed and read
 * again, and must be the same.
 */
#include "fuzz.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-gen/text-program-text.h"
#include "vt-runtime/input.h"
#include "vt-runtime/output.h"

static void
decode_type(const VtSchema *schema, VtContext *ctx, const char *name, const char *text, size_t len, bool again)
{
    uint16_t type = vt_schema_find_type(schema, name);
    g_autoptr(VtInput) input = vt_input_new_json(text, len, "fuzz");
    g_autofree void *data = g_malloc0(vt_schema_type(schema, type)->size);
    g_autoptr(GError) error = NULL;
    json_object *tree;
    g_autofree char *line = NULL;

    if (!vt_input_visit_type(input, schema, ctx, type, data, &error)) {
        g_assert_nonnull(error);
        g_assert_false(again);
        return;
    }
    tree = vt_output_type(schema, type, data, 0);
    line = vt_json_line(tree);
    json_object_put(tree);
    vt_struct_clear(schema, type, data);
    if (!again) {
        decode_type(schema, ctx, name, line, strlen(line), true);
    }
}

static void
decode_creation(const VtSchema *schema, VtContext *ctx, const char *root, const char *text, size_t len)
{
    g_autoptr(VtInput) input = vt_input_new_json(text, len, "fuzz");
    g_autoptr(GError) error = NULL;
    g_autoptr(VtConfig) config = vt_input_visit_creation(input, ctx, vt_schema_class(schema, root), &error);

    g_assert_true(!config == !!error);
    if (config) {
        json_object_put(vt_output_config(config, 0, VT_OUTPUT_NAMES));
    }
}

static void
decode_tree(const VtSchema *schema, VtContext *ctx, const char *text, size_t len)
{
    uint16_t type = vt_schema_find_type(schema, "Kinds");
    g_autofree void *data = NULL;
    g_autoptr(GError) error = NULL;
    json_object *tree = vt_json_parse(text, len, "fuzz", &error);

    if (tree) {
        g_autoptr(VtInput) input = vt_input_new_object(tree, "fuzz");

        data = g_malloc0(vt_schema_type(schema, type)->size);
        if (vt_input_visit_type(input, schema, ctx, type, data, NULL)) {
            vt_struct_clear(schema, type, data);
        }
        json_object_put(tree);
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
    static VtSchema *schema;
    static VtContext *ctx;
    const char *text = (const char *)bytes;

    if (!schema) {
        schema = vt_schema_new(text_vt_program_text.layers);
        ctx = vt_context_new(schema, vt_platform_new(schema, 0, NULL, NULL), NULL, VT_TARGET_X86_64, NULL);
    }
    decode_type(schema, ctx, "Kinds", text, len, false);
    decode_type(schema, ctx, "Shape", text, len, false);
    decode_creation(schema, ctx, "object", text, len);
    decode_creation(schema, ctx, "node", text, len);
    decode_creation(schema, ctx, "link", text, len);
    decode_tree(schema, ctx, text, len);
    return 0;
}
