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

const char *const fuzz_seeds[] = {
    "flag=on,u8=0xff,size=1.5G,num=1e3,text=a,,b,colour=red,count=auto,mac=52:54:00:12:34:56,bytes=2K",
    "points.0.x=1,points.0.y=2,points[1].x=3,points[1].y=4,texts=a,texts=b,len-ints=2,ints[0]=1,ints[1]=2",
    "shape.kind=circle,shape.radius=1,either.kind=square,either.side=3,switch=green,what.a.b=c,nothing=",
    "kinds.kinds.kinds.flag=off,shapes.0.kind=nested,shapes.0.circle.radius=4",
    "lamp,id=l,watts=60,spot.light=on,spot.x=1,spot.y=2,bounds.note=a,,b",
    "driver=raw,file.driver=raw,file.file.driver=file,file.file.filename=x,node-name=n",
    "pipe,id=p,path=x",
    "a.10=k,a.0=a,a.1=b,b-c=1,b.d=2",
    NULL,
};

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
