/* SPDX-License-Identifier: MIT */
/*
 * Texts of forms, as structs of their settings.
 */
#include "visit/visit-private.h"

#include <json-c/json.h>

#include "vt-runtime/codec.h"
#include "vt-runtime/input.h"
#include "vt-runtime/setting.h"

/* Removes settings that are empty texts. */
static void
remove_empty(json_object *settings)
{
    json_object_object_foreach (settings, key, value) {
        if (json_object_is_type(value, json_type_string) && !json_object_get_string_len(value)) {
            json_object_object_del(settings, key);
        }
    }
}

VtForm *
vt_form_read(const VtSchema *schema, const VtCodec *codec, const char *text, GError **error)
{
    json_object *settings = vt_form_match(codec->forms, text, error);
    g_autofree char *written = NULL, *where = NULL;
    g_autoptr(VtInput) input = NULL;
    g_autofree void *value = NULL;
    VtVisit v = {.schema = schema};
    VtForm *form;

    if (!settings) {
        return NULL;
    }
    remove_empty(settings);
    written = vt_setting_text(settings);
    json_object_put(settings);
    where = g_strdup_printf("'%.60s'", text);
    input = vt_input_new_option(written, NULL, where, error);
    value = g_malloc0(vt_schema_type(schema, codec->type)->size);
    v.c = input;
    if (!input || !vt_cursor_begin(input, vt_visit_hides, &v)) {
        return NULL;
    }
    if (!vt_visit_struct(&v, codec->type, value) || !vt_cursor_end(input)) {
        vt_struct_clear(schema, codec->type, value);
        vt_cursor_report(input, error);
        return NULL;
    }
    form = g_new(VtForm, 1);
    *form = (VtForm){schema, codec->type, g_steal_pointer(&value)};
    return form;
}

void
vt_form_free(VtForm *form)
{
    if (form) {
        vt_struct_clear(form->schema, form->type, form->settings);
        g_free(form->settings);
        g_free(form);
    }
}
