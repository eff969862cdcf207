/* SPDX-License-Identifier: MIT */
#include "served.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

#define MARK   '$'
#define SOCKET "socket"

/* 'served' of the root class; NULL: none.  A new reference. */
static json_object *
terms_of(const VtObject *object)
{
    const VtClassInfo *root = vt_object_class(object)->root;
    const char *text = vt_str(root->layer, root->row->served);

    return *text ? vt_json_parse(text, strlen(text), NULL, NULL) : NULL;
}

bool
engine_is_served(const VtObject *object)
{
    json_object *terms = vt_object_id(object) || vt_object_is_inline(object) ? terms_of(object) : NULL, *value = NULL;
    bool served = false;

    if (terms) {
        value = vt_object_member(object, vt_json_member_text(terms, "member"), VT_OUTPUT_NAMES);
        served = value && json_object_equal(value, json_object_object_get(terms, "value"));
    }
    json_object_put(value);
    json_object_put(terms);
    return served;
}

bool
engine_says_served(const VtObject *object, const VtProp *prop)
{
    json_object *terms = terms_of(object);
    bool says = terms && strcmp(prop->name, vt_json_member_text(terms, "member")) == 0;

    json_object_put(terms);
    return says;
}

/* @template with its placeholders replaced.  A new reference. */
static json_object *
fill(const VtObject *object, json_object *template, const char *socket)
{
    const char *text;
    json_object *filled;

    if (json_object_is_type(template, json_type_object)) {
        filled = json_object_new_object();
        json_object_object_foreach (template, name, value) {
            json_object_object_add(filled, name, fill(object, value, socket));
        }
        return filled;
    }
    text = json_object_get_string(template);
    if (!json_object_is_type(template, json_type_string) || *text != MARK) {
        return json_object_get(template);
    }
    return strcmp(text + 1, SOCKET) == 0 ? json_object_new_string(socket)
                                         : vt_object_member(object, text + 1, VT_OUTPUT_NAMES);
}

json_object *
engine_stand_in(const VtObject *object, const char *socket)
{
    const VtClassInfo *root = vt_object_class(object)->root;
    json_object *terms = terms_of(object), *creation = fill(object, json_object_object_get(terms, "as"), socket);

    json_object_put(terms);
    vt_json_add_text(creation, vt_str(root->layer, root->row->id_name), vt_object_id(object));
    return creation;
}
