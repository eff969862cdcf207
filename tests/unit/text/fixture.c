/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <json-c/json.h>

Fixture *
fixture_new(void)
{
    Fixture *f = g_new0(Fixture, 1);
    GError *error = NULL;
    VtPlatform *platform;

    f->schema = vt_schema_new(text_vt_program_text.layers);
    platform = vt_platform_new(f->schema, 0, NULL, &error);
    g_assert_no_error(error);
    f->ctx = vt_context_new(f->schema, platform, NULL, VT_TARGET_X86_64, NULL);
    return f;
}

void
fixture_free(Fixture *f)
{
    vt_context_free(f->ctx);
    vt_schema_free(f->schema);
    g_free(f);
}

VtInput *
fixture_json(const char *text, char **ret_copy)
{
    size_t len = strlen(text);

    *ret_copy = g_memdup2(text, MAX(len, 1));
    return vt_input_new_json(*ret_copy, len, "-t");
}

static char *
take_error(GError *error)
{
    char *text;

    g_assert_nonnull(error);
    g_assert_true(error->domain == VT_ERROR);
    text = g_strdup_printf("error: %s", error->message);
    g_error_free(error);
    return text;
}

static char *
take_line(json_object *tree)
{
    g_autofree char *line = vt_json_line(tree);

    json_object_put(tree);
    return g_strndup(line, strlen(line) - 1);
}

static VtInput *
open_text(const char *text, const char *implied_key, char **ret_copy, GError **error)
{
    return *text == '{' || *text == '[' || *text == ' ' || *text == '\n'
               ? fixture_json(text, ret_copy)
               : vt_input_new_option(text, implied_key, "-t", error);
}

char *
fixture_type(Fixture *f, const char *type, const char *text)
{
    uint16_t number = vt_schema_find_type(f->schema, type);
    size_t size = vt_schema_type(f->schema, number)->size;
    g_autofree char *data = g_malloc0(size);
    g_autofree char *zeros = g_malloc0(size);
    g_autofree char *copy = NULL;
    g_autoptr(VtInput) input = NULL;
    GError *error = NULL;
    json_object *tree;

    input = open_text(text, NULL, &copy, &error);
    if (!input) {
        return take_error(error);
    }
    if (!vt_input_visit_type(input, f->schema, f->ctx, number, data, &error)) {
        g_assert_cmpmem(data, size, zeros, size);
        return take_error(error);
    }
    g_assert_no_error(error);
    tree = vt_output_type(f->schema, number, data, 0);
    vt_struct_clear(f->schema, number, data);
    return take_line(tree);
}

/* Only given members: {"id": ..., member: ...}. */
static json_object *
given_tree(Fixture *f, const VtConfig *config)
{
    json_object *tree = json_object_new_object();

    if (config->id) {
        json_object_object_add(tree, "id", json_object_new_string(config->id));
    }
    for (size_t i = 0; i < config->info->n_props; i++) {
        const VtProp *prop = &config->info->props[i];

        if (vt_config_given(config, prop)) {
            g_assert_true(vt_config_present(config, prop));
            json_object_object_add(
                tree, prop->name, vt_output_field(f->schema, prop->layer, prop->row, vt_config_field(config, prop), 0));
        }
    }
    return tree;
}

char *
fixture_creation(Fixture *f, const char *root, const char *implied_key, const char *text)
{
    g_autofree char *copy = NULL;
    GError *error = NULL;
    g_autoptr(VtInput) input = open_text(text, implied_key, &copy, &error);
    g_autoptr(VtConfig) config = NULL;
    g_autofree char *line = NULL;

    if (!input) {
        return take_error(error);
    }
    config = vt_input_visit_creation(input, f->ctx, vt_schema_class(f->schema, root), &error);
    if (!config) {
        return take_error(error);
    }
    g_assert_no_error(error);
    line = take_line(given_tree(f, config));
    return g_strdup_printf("%s %s", config->info->name, line);
}

char *
fixture_parse(const char *text, size_t len)
{
    g_autofree char *copy = g_memdup2(text, MAX(len, 1));
    GError *error = NULL;
    json_object *tree = vt_json_parse(copy, len, "", &error);

    if (error) {
        g_assert_null(tree);
        return take_error(error);
    }
    return take_line(tree);
}
