/* SPDX-License-Identifier: MIT */
#include "schema/qom-type.h"

#include <string.h>

#include "schema/schema-private.h"
#include "vt-runtime/vendor-machine.h"

#define MACHINE_SUFFIX "-machine"

static bool
is_offered(uint16_t targets, uint16_t target)
{
    return !targets || !target || (targets & target);
}

static bool
is_machine_row(const VtSchema *schema, const VtClass *class)
{
    const VtLayer *layer;
    const VtClass *root = vt_schema_class_row(schema, class->root, &layer);

    return class->layer == VT_CLASS_MACHINE && strcmp(vt_str(layer, root->kind), "machine") == 0;
}

static VtQomType
class_type(const VtSchema *schema, const VtLayer *layer, const VtClass *class)
{
    VtQomType type = {.schema = schema, .layer = layer, .class = class};

    type.is_machine = !(class->flags & VT_CLASS_ABSTRACT) && is_machine_row(schema, class);
    return type;
}

/* ---- names --------------------------------------------------------------------------------------------- */

/* Of an abstract machine, the name for users is that of the type. */
static const char *
class_name(const VtQomType *type)
{
    const VtClass *class = type->class;
    bool by_tag = class->tag && (type->is_machine || is_machine_row(type->schema, class));

    return by_tag ? vt_str(type->layer, class->tag)
                  : vt_class_row_name(type->schema, type->layer, class, type->schema->lazy->target);
}

char *
vt_qom_type_name(const VtQomType *type)
{
    if (!type->class) {
        g_assert(type->bus || type->row);
        return g_strdup(vt_str(type->layer, type->bus ? type->bus->name : type->row->name));
    }
    if (!type->is_machine) {
        return g_strdup(class_name(type));
    }
    if (type->vendor) {
        return g_strconcat(type->vendor->name, MACHINE_SUFFIX, NULL);
    }
    if (type->version) {
        g_autofree char *name =
            vt_machine_version_name(vt_schema_class_by_id(type->schema, type->class->id), type->version);

        return g_strconcat(name, MACHINE_SUFFIX, NULL);
    }
    return g_strconcat(class_name(type), MACHINE_SUFFIX, NULL);
}

char *
vt_qom_object_type(const VtClassInfo *info, uint16_t version)
{
    VtQomType type = class_type(info->schema, info->layer, info->row);

    type.version = info->machine && info->machine->from ? version : 0;
    return vt_qom_type_name(&type);
}

static bool
is_named(const VtQomType *type, const char *name)
{
    g_autofree char *own = vt_qom_type_name(type);

    return strcmp(own, name) == 0;
}

/* ---- ancestors ----------------------------------------------------------------------------------------- */

static bool find_plain(const VtSchema *schema, const char *name, VtQomType *ret_type);

static bool
class_parent(const VtQomType *type, VtQomType *ret_parent)
{
    const VtClass *class = type->class;
    const VtLayer *layer;

    if (class->qom_parent) {
        return find_plain(type->schema, vt_str(type->layer, class->qom_parent), ret_parent);
    }
    while (class->parent) {
        class = vt_schema_class_row(type->schema, class->parent, &layer);
        if (!(class->flags & VT_CLASS_UNLISTED)) {
            *ret_parent = class_type(type->schema, layer, class);
            return true;
        }
    }
    return false;
}

/* Returns the name of a parent that is no class; NULL: none. */
static const char *
plain_parent(const VtQomType *type)
{
    if (type->class) {
        return strcmp(class_name(type), "object") == 0 ? NULL : "object";
    }
    if (type->bus) {
        return type->bus->parent ? vt_str(type->layer, type->bus->parent) : "bus";
    }
    return type->row->parent ? vt_str(type->layer, type->row->parent) : NULL;
}

static bool
parent_type(const VtQomType *type, VtQomType *ret_parent)
{
    const char *name;

    if (type->class && class_parent(type, ret_parent)) {
        return true;
    }
    name = plain_parent(type);
    return name && find_plain(type->schema, name, ret_parent);
}

char *
vt_qom_type_parent_name(const VtQomType *type)
{
    VtQomType parent;

    return type->class && class_parent(type, &parent) ? vt_qom_type_name(&parent) : g_strdup(plain_parent(type));
}

bool
vt_qom_type_is_abstract(const VtQomType *type)
{
    return type->class ? type->class->flags & VT_CLASS_ABSTRACT
                       : (type->bus ? type->bus->flags : type->row->flags) & VT_QOM_ABSTRACT;
}

bool
vt_qom_type_is_a(const VtQomType *type, const char *name)
{
    bool any = strcmp(name, "interface") == 0 && !(type->row && type->row->flags & VT_QOM_INTERFACE);
    unsigned n_interfaces = 0;
    VtQomType one = *type;

    do {
        const uint32_t *list = one.layer->inputs;

        g_assert(one.class || one.bus || one.row);
        if (is_named(&one, name)) {
            return true;
        }
        list += one.class ? one.class->implements : one.bus ? one.bus->implements : one.row->implements;
        for (; *list; list++, n_interfaces++) {
            if (strcmp(vt_str(one.layer, *list), name) == 0) {
                return true;
            }
        }
    } while (parent_type(&one, &one));
    return any && n_interfaces == 1;
}

bool
vt_class_implements(const VtClassInfo *info, const char *name)
{
    const VtQomType type = {.schema = info->schema, .layer = info->layer, .class = info->row};

    return vt_qom_type_is_a(&type, name);
}

/* ---- all types ----------------------------------------------------------------------------------------- */

static void
each_version(const VtQomType *family, VtQomTypeFunc func, void *opaque)
{
    const VtClassInfo *info = vt_schema_class_by_id(family->schema, family->class->id);
    uint16_t newest = (uint16_t)vt_schema_n_versions(family->schema, VT_AXIS_MACHINE);
    VtQomType type = *family;

    for (uint16_t v = 1; v <= newest; v++) {
        if (vt_machine_has_version(info, v)) {
            type.version = v;
            func(&type, opaque);
        }
    }
}

static void
each_vendor(const VtQomType *family, VtQomTypeFunc func, void *opaque)
{
    const VtClassInfo *info;
    VtQomType type = *family;

    if (!vt_vendor_machine_next(family->schema, NULL, NULL)) {
        return; /* no index of the family is needed */
    }
    info = vt_schema_class_by_id(family->schema, family->class->id);
    while ((type.vendor = vt_vendor_machine_next(family->schema, info, type.vendor))) {
        type.version = type.vendor->version;
        func(&type, opaque);
    }
}

static void
each_machine(const VtSchema *schema, const VtLayer *layer, uint16_t target, VtQomTypeFunc func, void *opaque)
{
    for (uint32_t i = 0; i < layer->n_machines; i++) {
        const VtMachine *machine = &layer->machines[i];
        const VtClass *class = &layer->classes[machine->class_id - layer->first_class];
        const VtQomType type = {.schema = schema, .layer = layer, .class = class, .is_machine = true};

        if (class->flags & VT_CLASS_IF_OFF || !is_offered(machine->targets, target)) {
            continue;
        }
        if (machine->from) {
            each_version(&type, func, opaque);
        } else {
            func(&type, opaque);
        }
        each_vendor(&type, func, opaque);
    }
}

static void
each_class(const VtSchema *schema, const VtLayer *layer, uint16_t target, VtQomTypeFunc func, void *opaque)
{
    for (uint32_t i = 0; i < layer->n_classes; i++) {
        const VtClass *class = &layer->classes[i];

        if (class->name && !(class->flags & (VT_CLASS_IF_OFF | VT_CLASS_UNLISTED)) &&
            is_offered(class->targets, target)) {
            const VtQomType type = class_type(schema, layer, class);

            if (!type.is_machine) {
                func(&type, opaque);
            }
        }
    }
}

void
vt_qom_each_type(const VtSchema *schema, uint16_t target, VtQomTypeFunc func, void *opaque)
{
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];
        VtQomType type = {.schema = schema, .layer = layer};

        for (uint32_t i = 0; i < layer->n_qom_types; i++) {
            type.row = &layer->qom_types[i];
            if (is_offered(type.row->targets, target)) {
                func(&type, opaque);
            }
        }
        type.row = NULL;
        for (uint32_t i = 0; i < layer->n_bus_types; i++) {
            type.bus = &layer->bus_types[i];
            if (!(type.bus->flags & VT_QOM_UNLISTED) && is_offered(type.bus->targets, target)) {
                func(&type, opaque);
            }
        }
        each_class(schema, layer, target, func, opaque);
        each_machine(schema, layer, target, func, opaque);
    }
}

/* Finds a type other than a class. */
static bool
find_row(const VtSchema *schema, const char *name, VtQomType *ret_type)
{
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t i = 0; i < layer->n_qom_types; i++) {
            if (strcmp(vt_str(layer, layer->qom_types[i].name), name) == 0) {
                *ret_type = (VtQomType){.schema = schema, .layer = layer, .row = &layer->qom_types[i]};
                return true;
            }
        }
        for (uint32_t i = 0; i < layer->n_bus_types; i++) {
            if (strcmp(vt_str(layer, layer->bus_types[i].name), name) == 0) {
                *ret_type = (VtQomType){.schema = schema, .layer = layer, .bus = &layer->bus_types[i]};
                return true;
            }
        }
    }
    return false;
}

static bool
find_plain(const VtSchema *schema, const char *name, VtQomType *ret_type)
{
    const VtLayer *layer;
    const VtClass *class = vt_schema_class_find(schema, name, &layer);

    if (class) {
        *ret_type = class_type(schema, layer, class);
        return true;
    }
    return find_row(schema, name, ret_type);
}

typedef struct TypeSearch {
    const char *name;
    VtQomType *ret_type;
    bool found;
} TypeSearch;

static void
match_type(const VtQomType *type, void *opaque)
{
    TypeSearch *search = opaque;

    if (!search->found && is_named(type, search->name)) {
        *search->ret_type = *type;
        search->found = true;
    }
}

bool
vt_qom_find_type(const VtSchema *schema, const char *name, uint16_t target, VtQomType *ret_type)
{
    TypeSearch search = {.name = name, .ret_type = ret_type};

    vt_qom_each_type(schema, target, match_type, &search);
    return search.found;
}
