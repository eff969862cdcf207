/* SPDX-License-Identifier: MIT */
/*
 * Commands of the human monitor about the tree of objects.
 */
#include "human-private.h"

#include <string.h>

#include <json-c/json.h>

#include "object/object-private.h"
#include "vt-gen/runtime.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

/* A tree that is printed. */
typedef struct Tree {
    const VtVm *vm;
    GString *text;
    const char *path;
    int indent;
    bool brief;
} Tree;

/* ---- info qom-tree --------------------------------------------------------------------------------------- */

static void print_child(const char *name, const char *type, void *opaque);

static void
print_children(Tree *tree)
{
    vt_vm_each_child(tree->vm, tree->path, print_child, tree);
}

static void
print_child(const char *name, const char *type, void *opaque)
{
    const Tree *tree = opaque;
    g_autofree char *path = g_strdup_printf("%s/%s", g_str_has_suffix(tree->path, "/") ? "" : tree->path, name);
    Tree below = {tree->vm, tree->text, path, tree->indent + 2, tree->brief};

    g_string_append_printf(tree->text, "%*s/%s (%s)\n", tree->indent, "", name, type ? type : "container");
    print_children(&below);
}

bool
vt_hmp_info_qom_tree(VtMonitor *monitor, const VtQObjHmpInfoQomTreeArg *arg, GString *text, GError **error)
{
    const VtVm *vm = vt_monitor_service(monitor)->vm;
    const char *path = arg->path ? arg->path : "/machine";
    const VtObject *object = vt_vm_resolve_path(vm, path);
    g_autofree char *full = object ? vt_object_path(object) : g_strdup(path);
    g_autofree char *type = object ? vt_object_qom_type(object) : g_strdup("container");
    const char *name = strrchr(full, '/') ? strrchr(full, '/') + 1 : full;
    Tree tree = {vm, text, full, 2, false};
    gsize before = text->len;

    g_string_append_printf(text, "/%s (%s)\n", name, type);
    if (!vt_vm_each_child(vm, full, print_child, &tree) && !object) {
        g_string_truncate(text, before);
        return vt_error_set(error, "path '%s' could not be resolved", path);
    }
    return true;
}

/* ---- info qtree ------------------------------------------------------------------------------------------ */

static void print_buses(Tree *tree, const VtObject *object);

static void
print_properties(const Tree *tree, const VtObject *object)
{
    const VtClassInfo *info = vt_object_class(object);

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        json_object *value = NULL;

        if (prop->hidden || prop->row->flags & VT_ROW_IF_OFF || prop->cold->features & VT_FEATURE_SENSITIVE) {
            continue;
        }
        vt_object_values(object, prop, VT_OUTPUT_NAMES, NULL, &value);
        if (value) {
            g_autofree char *text = vt_json_text(value);

            g_string_append_printf(tree->text, "%*s%s = %s\n", tree->indent, "", prop->name, text);
        }
        json_object_put(value);
    }
}

static void
print_bus(const Tree *tree, const VtBus *bus)
{
    Tree inner = {tree->vm, tree->text, NULL, tree->indent + 4, tree->brief};

    g_string_append_printf(tree->text, "%*sbus: %s\n%*stype %s\n", tree->indent, "", bus->name, tree->indent + 2, "",
                           bus->type);
    for (guint i = 0; i < bus->devices->len; i++) {
        const VtObject *device = bus->devices->pdata[i];
        const char *id = vt_object_id(device);
        g_autofree char *type = vt_object_qom_type(device);

        g_string_append_printf(tree->text, "%*sdev: %s, id \"%s\"\n", tree->indent + 2, "", type, id ? id : "");
        if (!tree->brief) {
            print_properties(&inner, device);
        }
        print_buses(&inner, device);
    }
}

static void
print_buses(Tree *tree, const VtObject *object)
{
    for (uint32_t i = 0; i < object->n_provides; i++) {
        print_bus(tree, object->provides[i]);
    }
    for (size_t i = 0; i < vt_object_class(object)->n_children; i++) {
        if (object->children && object->children[i]) {
            print_buses(tree, object->children[i]);
        }
    }
}

bool
vt_hmp_info_qtree(VtMonitor *monitor, const VtQObjHmpInfoQtreeArg *arg, GString *text, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    const VtObject *machine = vt_vm_resolve_path(vm, "/machine");
    Tree tree = {vm, text, NULL, 0, arg->brief};

    (void)error;
    if (machine) {
        print_buses(&tree, machine);
    }
    return true;
}

/* ---- qom-set --------------------------------------------------------------------------------------------- */

bool
vt_hmp_qom_set(VtMonitor *monitor, const VtQObjHmpQomSetArg *arg, GString *text, GError **error)
{
    g_autoptr(GError) failure = NULL;
    json_object *value = arg->json ? vt_json_parse(arg->value, strlen(arg->value), "qom-set", &failure)
                                   : json_object_new_string(arg->value);
    json_object *arguments, *answer;

    (void)text;
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    arguments = json_object_new_object();
    vt_json_add_text(arguments, "path", arg->path);
    vt_json_add_text(arguments, "property", arg->property);
    json_object_object_add(arguments, "value", value);
    answer = vt_monitor_call(monitor, "qom-set", arguments, error);
    json_object_put(arguments);
    json_object_put(answer);
    return answer;
}

/* ---- print ----------------------------------------------------------------------------------------------- */

bool
vt_hmp_print(VtMonitor *monitor, const VtQObjHmpPrintArg *arg, GString *text, GError **error)
{
    (void)monitor;
    (void)error;
    switch (arg->format) {
    case VT_PRINT_FORMAT_X:
        g_string_append_printf(text, "%#" G_GINT64_MODIFIER "x\n", (uint64_t)arg->value);
        break;
    case VT_PRINT_FORMAT_O:
        g_string_append_printf(text, "%#" G_GINT64_MODIFIER "o\n", (uint64_t)arg->value);
        break;
    case VT_PRINT_FORMAT_U:
        g_string_append_printf(text, "%" G_GUINT64_FORMAT "\n", (uint64_t)arg->value);
        break;
    case VT_PRINT_FORMAT_C:
        g_string_append_printf(text, "'%c'\n", g_ascii_isprint(arg->value) ? (char)arg->value : '?');
        break;
    default:
        g_string_append_printf(text, "%" G_GINT64_FORMAT "\n", arg->value);
        break;
    }
    return true;
}
