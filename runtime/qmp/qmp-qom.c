/* SPDX-License-Identifier: MIT */
/*
 * QOM commands: the object tree and the classes, from the tables.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/runtime.h"
#include "object/object-private.h"
#include "schema/qom-type.h"
#include "schema/type-name.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/output.h"
#include "vt-runtime/vendor-machine.h"

/* {"name", "type", "description"}; @doc may be empty. */
static json_object *
property_info(const char *name, const char *type, const char *doc)
{
    json_object *info = json_object_new_object();

    vt_json_add_text(info, "name", name);
    vt_json_add_text(info, "type", type);
    if (doc && doc[0]) {
        vt_json_add_text(info, "description", doc);
    }
    return info;
}

static json_object *
prop_info(const VtSchema *schema, const VtProp *prop)
{
    g_autofree char *type = vt_row_type_name(schema, prop->layer, prop->row);

    return property_info(prop->name, type, vt_text(prop->layer->texts, prop->cold->doc));
}

static bool
is_listed(const VtProp *prop, uint16_t target)
{
    return !prop->hidden && !(prop->row->flags & VT_ROW_IF_OFF) &&
           (!prop->cold->targets || !target || (prop->cold->targets & target));
}

/* The bus at @path, or NULL.  @path is the path of its owner and its name. */
static const VtBus *
bus_at(const VtVm *vm, const char *path)
{
    const char *slash = strrchr(path, '/');
    g_autofree char *up = slash ? g_strndup(path, slash - path) : NULL;
    const VtObject *object = up ? vt_vm_resolve_path(vm, up) : NULL;

    for (size_t i = 0; object && i < object->n_provides; i++) {
        if (strcmp(object->provides[i]->name, slash + 1) == 0) {
            return object->provides[i];
        }
    }
    return NULL;
}

static void
add_child(const char *name, const char *type, void *opaque)
{
    g_autofree char *child = g_strdup_printf("child<%s>", type ? type : "container");

    json_object_array_add(opaque, property_info(name, child, NULL));
}

/* The properties of what is at @path; NULL with @error. */
static json_object *
properties_at(const VtVm *vm, const char *path, GError **error)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    const VtObject *object = vt_vm_resolve_path(vm, path);
    json_object *list = json_object_new_array();

    json_object_array_add(list, property_info("type", "string", NULL));
    if (!vt_vm_each_child(vm, path, add_child, list) && !object && !bus_at(vm, path)) {
        json_object_put(list);
        g_set_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", path);
        return NULL;
    }
    if (object) {
        const VtClassInfo *info = vt_object_class(object);

        for (size_t i = 0; i < info->n_props; i++) {
            if (is_listed(&info->props[i], vt_context_target(vt_vm_context(vm)))) {
                json_object_array_add(list, prop_info(schema, &info->props[i]));
            }
        }
    }
    return list;
}

bool
vt_qmp_qom_list(VtMonitor *monitor, const VtQObjQomListArg *arg, VtObjectPropertyInfoList *ret, GError **error)
{
    json_object *list = properties_at(vt_monitor_service(monitor)->vm, arg->path, error);

    (void)ret;
    if (list) {
        vt_monitor_answer(monitor, list);
    }
    return list != NULL;
}

typedef struct ChildSearch {
    const char *name;
    bool found;
} ChildSearch;

static void
find_child(const char *name, const char *type, void *opaque)
{
    ChildSearch *search = opaque;

    (void)type;
    search->found = search->found || strcmp(name, search->name) == 0;
}

static bool
get_member(const VtVm *vm, const VtObject *object, const VtProp *prop, json_object **ret_value, GError **error)
{
    json_object *configured = NULL;

    if (prop->cold->features & VT_FEATURE_SENSITIVE) {
        return vt_error_set(error, "property '%s.%s' is not readable", vt_object_class(object)->name, prop->name);
    }
    if (!is_listed(prop, vt_context_target(vt_vm_context(vm)))) {
        return vt_error_set(error, "property '%s.%s' not found", vt_object_class(object)->name, prop->name);
    }
    vt_object_values(object, prop, 0, &configured, ret_value);
    json_object_put(configured);
    if (!*ret_value) {
        bool is_text = prop->row->kind == VT_KIND_STR || prop->row->kind == VT_KIND_REF;

        /* QMP has no absent value: an absent list is empty, an absent string is "", another absent value is null. */
        *ret_value = prop->row->flags & VT_ROW_LIST ? json_object_new_array()
                     : is_text                      ? json_object_new_string("")
                                                    : NULL;
    }
    return true;
}

static bool
get_at(const VtVm *vm, const char *at, const char *property, json_object **ret, GError **error)
{
    const VtObject *object = vt_vm_resolve_path(vm, at);
    ChildSearch search = {property, false};
    bool is_path = vt_vm_each_child(vm, at, find_child, &search);
    const VtBus *bus = object ? NULL : bus_at(vm, at);
    g_autofree char *type = object ? vt_object_qom_type(object) : g_strdup(bus ? bus->type : "container");
    const VtProp *prop;

    if (!object && !is_path && !bus) {
        g_set_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", at);
        return false;
    }
    if (strcmp(property, "type") == 0) {
        *ret = json_object_new_string(type);
        return true;
    }
    if (search.found) {
        g_autofree char *base = object ? vt_object_path(object) : g_strdup(at);
        g_autofree char *path = g_strdup_printf("%s%s%s", base, g_str_has_suffix(base, "/") ? "" : "/", property);

        *ret = json_object_new_string(path);
        return true;
    }
    prop = object ? vt_class_prop(vt_object_class(object), property, strlen(property)) : NULL;
    if (!prop) {
        return vt_error_set(error, "property '%s.%s' not found", type, property);
    }
    return get_member(vm, object, prop, ret, error);
}

bool
vt_qmp_qom_get(VtMonitor *monitor, const VtQObjQomGetArg *arg, json_object **ret, GError **error)
{
    return get_at(vt_monitor_service(monitor)->vm, arg->path, arg->property, ret, error);
}

/* Adds the value of each property in @list that can be read. */
static void
add_values(const VtVm *vm, const char *path, json_object *list)
{
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *row = json_object_array_get_idx(list, i), *value = NULL;

        json_object_object_del(row, "description");
        if (get_at(vm, path, vt_json_member_text(row, "name"), &value, NULL)) {
            json_object_object_add(row, "value", value);
        }
    }
}

bool
vt_qmp_qom_list_get(VtMonitor *monitor, const VtQObjQomListGetArg *arg, VtObjectPropertiesValuesList *ret,
                    GError **error)
{
    const VtVm *vm = vt_monitor_service(monitor)->vm;
    json_object *answer = json_object_new_array();

    (void)ret;
    for (size_t i = 0; i < arg->paths.n; i++) {
        const char *path = arg->paths.v[i];
        json_object *properties = properties_at(vm, path, error), *entry;

        if (!properties) {
            json_object_put(answer);
            return false;
        }
        add_values(vm, path, properties);
        entry = json_object_new_object();
        json_object_object_add(entry, "properties", properties);
        json_object_array_add(answer, entry);
    }
    vt_monitor_answer(monitor, answer);
    return true;
}

bool
vt_qmp_qom_set(VtMonitor *monitor, const VtQObjQomSetArg *arg, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    VtObject *object = vt_vm_resolve_path(service->vm, arg->path);
    g_autoptr(VtInput) input = NULL;
    g_autofree char *where = NULL;

    if (!object) {
        g_set_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", arg->path);
        return false;
    }
    if (!arg->value) {
        return vt_error_set(error, "qom-set: value: expected a value of the property, got null");
    }
    where = g_strdup_printf("qom-set: %s", arg->property);
    input = vt_input_new_object(arg->value, where);
    if (!vt_object_set(object, arg->property, input, error)) {
        return false;
    }
    if (service->preconfig && !vt_object_realized(object)) {
        service->preconfig->changed(service->preconfig, arg->path, arg->property, arg->value);
    }
    return true;
}

/* ---- classes ------------------------------------------------------------------------------------------- */

static bool
is_offered(const VtClass *row, uint16_t target)
{
    return row->name && !(row->flags & VT_CLASS_IF_OFF) && (!row->targets || !target || (row->targets & target));
}

typedef struct TypeListing {
    GString *text;          /* of the reply */
    const char *implements; /* NULL: all types */
    bool abstract;          /* abstract types, too */
    bool added;             /* only what was added to the program at run time */
} TypeListing;

/* Type names need no JSON escapes. */
static void
append_type(const VtQomType *type, void *opaque)
{
    const TypeListing *listing = opaque;
    bool abstract = vt_qom_type_is_abstract(type);
    GString *text = listing->text;
    g_autofree char *name = NULL;
    g_autofree char *parent = NULL;

    if ((abstract && !listing->abstract) || (listing->added && !type->vendor) ||
        (listing->implements && !vt_qom_type_is_a(type, listing->implements))) {
        return;
    }
    name = vt_qom_type_name(type);
    parent = vt_qom_type_parent_name(type);
    g_string_append_printf(text, "%s{\"name\":\"%s\"", text->len > 1 ? "," : "", name);
    g_string_append(text, abstract ? ",\"abstract\":true" : "");
    if (parent) {
        g_string_append_printf(text, ",\"parent\":\"%s\"", parent);
    }
    g_string_append_c(text, '}');
}

/* Reads the tables: the class index would keep memory for every class.  An engine lists its types; it knows none of
 * those that were added here. */
bool
vt_qmp_qom_list_types(VtMonitor *monitor, const VtQObjQomListTypesArg *arg, VtObjectTypeInfoList *ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    const VtContext *ctx = vt_vm_context(service->vm);
    TypeListing listing = {g_string_new(NULL), arg->implements, arg->abstract, service->relay};

    (void)ret;
    if (!vt_monitor_begin_list(monitor, listing.text, error)) {
        g_string_free(listing.text, TRUE);
        return false;
    }
    if (!listing.added || vt_vendor_machine_next(vt_context_schema(ctx), NULL, NULL)) {
        vt_qom_each_type(vt_context_schema(ctx), vt_context_target(ctx), append_type, &listing);
    }
    g_string_append_c(listing.text, ']');
    vt_monitor_answer_text(monitor, g_string_free(listing.text, FALSE));
    return true;
}

/* Omits read-only members of the root class: they are the same for all devices. */
static bool
is_of_class(const VtProp *prop)
{
    return prop->owner->parent || !(prop->cold->features & VT_FEATURE_READ_ONLY);
}

bool
vt_monitor_answer_device_class(VtMonitor *monitor, const char *name, GError **error)
{
    VtContext *ctx = vt_vm_context(vt_monitor_service(monitor)->vm);
    const VtSchema *schema = vt_context_schema(ctx);
    const VtClassInfo *info = vt_schema_class(schema, name);
    g_autoptr(VtConfig) config = NULL;
    json_object *list;

    if (!info || !is_offered(info->row, vt_context_target(ctx))) {
        g_set_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", name);
        return false;
    }
    if (info->row->layer != VT_CLASS_DEVICE || vt_class_is_abstract(info)) {
        return vt_error_set(error, "Parameter 'typename' expects a non-abstract device type");
    }
    config = vt_config_new(ctx, info);
    list = json_object_new_array();
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        json_object *row;

        if (!is_listed(prop, vt_context_target(ctx)) || !is_of_class(prop)) {
            continue;
        }
        row = prop_info(schema, prop);
        if (vt_config_present(config, prop) && !(prop->cold->features & VT_FEATURE_SENSITIVE)) {
            json_object_object_add(row, "default-value",
                                   vt_output_field(schema, prop->layer, prop->row, vt_config_field(config, prop), 0));
        }
        json_object_array_add(list, row);
    }
    vt_monitor_answer(monitor, list);
    return true;
}

bool
vt_qmp_qom_list_properties(VtMonitor *monitor, const VtQObjQomListPropertiesArg *arg, VtObjectPropertyInfoList *ret,
                           GError **error)
{
    const VtContext *ctx = vt_vm_context(vt_monitor_service(monitor)->vm);
    const VtSchema *schema = vt_context_schema(ctx);
    uint16_t target = vt_context_target(ctx);
    const VtClassInfo *info = vt_schema_class(schema, arg->typename);
    json_object *list;

    (void)ret;
    if (!info || !is_offered(info->row, target)) {
        VtQomType type;

        if (!vt_qom_find_type(schema, arg->typename, target, &type)) {
            g_set_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND, "Class '%s' not found", arg->typename);
            return false;
        }
        info = type.class ? vt_schema_class_by_id(schema, type.class->id) : NULL;
    }
    list = json_object_new_array();
    json_object_array_add(list, property_info("type", "string", NULL));
    for (size_t i = 0; info && i < info->n_props; i++) {
        if (is_listed(&info->props[i], target)) {
            json_object_array_add(list, prop_info(schema, &info->props[i]));
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}
