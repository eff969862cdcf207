/* SPDX-License-Identifier: MIT */
/*
 * Derived values: finds the inputs of a derivation and calls its function with the settled inputs.
 */
#include <string.h>
#include <unistd.h>

#include "settle-private.h"

#define OWNER "bus:owner." /* and a member of the device that provides the bus */

/* ---- members by name --------------------------------------------------------------------------------- */

#define INPUT_SLOTS 64 /* slots of the cache of a class; a replaced name is looked up again */

/* Looks up @name in the class that declares @from, then in the class of the whole object. */
static const VtProp *
find_member(const VtObject *object, const VtProp *from, const char *name, size_t len)
{
    const VtClassInfo *info = &object->class->info;
    const VtProp *prop;

    if (from && from->child) {
        prop = vt_class_prop(info->children[from->child - 1], name, len);
        if (prop) {
            return vt_class_prop_at(info, info->child_bases[from->child - 1] + prop->offset);
        }
    }
    return vt_class_prop(info, name, len);
}

/* find_member() with the cache of the VM.  @name points into a string pool. */
static const VtProp *
member_at(const VtObject *object, const VtProp *from, const char *name, size_t len)
{
    VtClassMemory *memory = object->memory;
    VtInputSlot *slot;

    if (!memory->inputs) {
        memory->inputs = g_new0(VtInputSlot, INPUT_SLOTS);
    }
    slot = &memory->inputs[((uintptr_t)name + (uintptr_t)from / sizeof(VtProp)) % INPUT_SLOTS];
    if (slot->name != name || slot->len != len || slot->from != from) {
        *slot = (VtInputSlot){name, len, from, find_member(object, from, name, len)};
    }
    return slot->prop;
}

static const VtRow *
find_row(const VtLayer *layer, const VtType *type, const char *name, size_t len)
{
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (row->len == len && strncmp(vt_str(layer, row->name), name, len) == 0) {
            return row;
        }
    }
    return NULL;
}

/* ---- values ----------------------------------------------------------------------------------------- */

static bool
is_text(const VtSchema *schema, const VtRow *row)
{
    const VtLayer *layer;

    if (row->kind != VT_KIND_SCALAR) {
        return row->kind == VT_KIND_STR || row->kind == VT_KIND_REF;
    }
    layer = vt_schema_type_layer(schema, row->type);
    return layer->scalars[vt_schema_type(schema, row->type)->first].kind == VT_KIND_STR;
}

static void
read_value(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field, VtValue *value)
{
    if (row->flags & VT_ROW_LIST) {
        return;
    }
    if (is_text(schema, row)) {
        value->s = *(char *const *)field; /* the id is the first member of VtRef */
        return;
    }
    switch (row->kind) {
    case VT_KIND_NUMBER:
        memcpy(&value->d, field, sizeof(double));
        break;
    case VT_KIND_BOOL:
        value->b = *(const bool *)field;
        break;
    case VT_KIND_STRUCT:
    case VT_KIND_UNION:
    case VT_KIND_ALTERNATE:
    case VT_KIND_ANY:
    case VT_KIND_NULL:
        break;
    default:
        value->u = vt_field_get_uint(schema, layer, row, field);
    }
}

/* ---- finding inputs ---------------------------------------------------------------------------------- */

/* Finds the member @path, or a value inside a member: "cpus" of "smp/cpus", with @separator '/'. */
static void
find_path(VtObject *object, const VtProp *from, const char *path, char separator, bool settled, VtInputRef *ret_ref)
{
    size_t len = strcspn(path, (char[]){separator, 0});
    const VtProp *prop = member_at(object, from, path, len);

    if (!prop && path[len]) {
        len = strlen(path); /* the name contains the separator */
        prop = member_at(object, from, path, len);
    }
    if (prop) {
        *ret_ref = (VtInputRef){.object = object,
                                .prop = prop,
                                .below = path[len] ? path + len + 1 : NULL,
                                .separator = separator,
                                .settled = settled};
    }
}

VtObject *
vt_derivation_referenced(const VtObject *object, const VtProp *from, const char *name, size_t len)
{
    const VtProp *prop = member_at(object, from, name, len);
    const VtRef *ref;

    if (!prop || prop->row->kind != VT_KIND_REF) {
        return NULL;
    }
    if (prop->row->flags & VT_ROW_LIST) {
        const VtList *list = vt_config_field(object->config, prop);

        return list->n ? ((const VtRef *)list->v)[0].target : NULL;
    }
    ref = vt_config_field(object->config, prop);
    return ref->target;
}

static void
find_reference(const VtObject *object, const VtProp *from, const char *path, VtInputRef *ret_ref)
{
    size_t len = (size_t)(strchrnul(path, '.') - path);
    VtObject *target = vt_derivation_referenced(object, from, path, len);
    const VtProp *prop;

    if (!target) {
        return;
    }
    if (!path[len]) {
        ret_ref->value.s = target->class->info.name;
        return;
    }
    prop = member_at(target, NULL, path + len + 1, strlen(path + len + 1));
    if (prop && (prop = vt_object_map_prop(target, prop))) {
        *ret_ref = (VtInputRef){.object = vt_object_top(target), .prop = prop, .settled = true};
    }
}

static void
read_host(const char *name, VtValue *value)
{
    if (strcmp(name, "page-size") == 0) {
        value->u = (uint64_t)sysconf(_SC_PAGESIZE);
    } else if (strcmp(name, "cpus") == 0) {
        value->u = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
    }
}

static const VtBus *
bus_of(const VtObject *object, const VtProp *from)
{
    if (from && from->child && object->children[from->child - 1]->bus) {
        return object->children[from->child - 1]->bus;
    }
    return object->bus;
}

static const char *
of_bus(const VtBus *bus, const char *name)
{
    if (!bus) {
        return NULL;
    }
    switch (name[0]) {
    case 't':
        return bus->type;
    case 'o':
        return vt_object_const_top(bus->owner)->class->info.name;
    default:
        return ((const VtBusPrivate *)bus)->joined ? "true" : NULL;
    }
}

/* The member @path of the device that provides the bus. */
static void
find_owner(const VtBus *bus, const char *path, VtInputRef *ret_ref)
{
    VtObject *owner = bus ? vt_object_top(bus->owner) : NULL;
    const VtProp *prop = owner ? member_at(owner, NULL, path, strlen(path)) : NULL;

    if (prop) {
        *ret_ref = (VtInputRef){.object = owner, .prop = prop, .settled = true};
    }
}

void
vt_derivation_input(const VtPlace *place, const char *input, VtInputRef *ret_ref)
{
    VtObject *object = place->object;

    *ret_ref = (VtInputRef){.value = {.u = 0}};
    /* qapi-gen writes inputs in these forms only, so the first letter is enough. */
    if (input[0] == '/') {
        if (object->vm->machine) {
            find_path(object->vm->machine, NULL, input + strlen("/machine/"), '/', true, ret_ref);
        }
    } else if (input[0] == 'r') {
        find_reference(object, place->prop, input + strlen("ref:"), ret_ref);
    } else if (g_str_has_prefix(input, OWNER)) {
        find_owner(bus_of(object, place->prop), input + strlen(OWNER), ret_ref);
    } else if (input[0] == 'b') {
        ret_ref->value.s = of_bus(bus_of(object, place->prop), input + strlen("bus:"));
    } else if (input[0] == 'h') {
        read_host(input + strlen("host:"), &ret_ref->value);
    } else {
        bool settled = input[0] == 's';
        const char *name = input + (settled ? strlen("self.") : strlen("given."));

        ret_ref->row = place->layer ? find_row(place->layer, place->type, name, strlen(name)) : NULL;
        if (ret_ref->row) {
            ret_ref->settled = settled;
        } else {
            find_path(object, place->prop, name, '.', settled, ret_ref);
        }
    }
}

size_t
vt_derivation_inputs(const VtPlace *place, const VtLayer *derive_layer, uint16_t index, VtInputRef *ret_refs)
{
    size_t n = 0;

    for (const uint32_t *name = &derive_layer->inputs[derive_layer->derives[index].inputs]; *name; name++) {
        g_assert(n < VT_INPUTS_MAX);
        vt_derivation_input(place, vt_str(derive_layer, *name), &ret_refs[n++]);
    }
    return n;
}

/* ---- reading inputs ---------------------------------------------------------------------------------- */

static void
read_prop(const VtInputRef *ref, VtValue *value)
{
    const VtSchema *schema = ref->object->vm->schema;
    const VtProp *prop = ref->prop;
    const VtLayer *layer = prop->layer;
    const VtRow *row = prop->row;
    const char *path = ref->below;
    const void *field;
    bool present;

    if (ref->settled) {
        field = vt_config_field(ref->object->config, prop);
    } else {
        field = vt_late_configured(ref->object, vt_prop_index(&ref->object->class->info, prop), &present);
    }
    while (path && (row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION)) {
        const VtType *type = vt_schema_type(schema, row->type);
        size_t len = strcspn(path, (char[]){ref->separator, 0});

        field = row->flags & VT_ROW_BOXED ? *(const void *const *)field : field;
        layer = vt_schema_type_layer(schema, row->type);
        row = field ? find_row(layer, type, path, len) : NULL;
        if (!row) {
            return;
        }
        field = (const char *)field + row->offset;
        path = path[len] ? path + len + 1 : NULL;
    }
    read_value(schema, layer, row, field, value);
}

static void
read_input(const VtPlace *place, const VtInputRef *ref, VtValue *value)
{
    *value = ref->value;
    if (ref->row) {
        read_value(place->object->vm->schema, place->layer, ref->row,
                   (const char *)(ref->settled ? place->data : place->before) + ref->row->offset, value);
    } else if (ref->prop) {
        read_prop(ref, value);
    }
}

/* ---- the call ---------------------------------------------------------------------------------------- */

static void
write_value(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *field, const VtValue *value,
            bool *ret_present)
{
    *ret_present = true;
    if (is_text(schema, row)) {
        if (row->kind == VT_KIND_REF || *(char **)field) {
            vt_field_clear(schema, layer, row, field);
        }
        *(char **)field = g_strdup(value->s);
        *ret_present = value->s != NULL;
        return;
    }
    switch (row->kind) {
    case VT_KIND_NUMBER:
        memcpy(field, &value->d, sizeof(double));
        break;
    case VT_KIND_BOOL:
        *(bool *)field = value->b;
        break;
    default:
        vt_field_set_uint(schema, layer, row, field, value->u);
    }
}

bool
vt_derivation_call(const VtPlace *place, const VtLayer *derive_layer, uint16_t index, const VtInputRef *refs, size_t n,
                   const VtLayer *layer, const VtRow *row, void *field)
{
    VtValue in[VT_INPUTS_MAX], out = {.u = 0};
    bool present;

    for (size_t i = 0; i < n; i++) {
        read_input(place, &refs[i], &in[i]);
    }
    derive_layer->derive_thunks[index](in, &out);
    write_value(place->object->vm->schema, layer, row, field, &out, &present);
    return present;
}
