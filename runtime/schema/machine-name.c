/* SPDX-License-Identifier: MIT */
/*
 * Machine names: FAMILY-VERSION, an alias, or an unversioned family.
 *
 * Two targets may have a family of the same name (virt), so a lookup has a target.
 */
#include <stdlib.h>
#include <string.h>

#include "schema/schema-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vendor-machine.h"

typedef struct Family {
    const VtLayer *layer;
    const VtMachine *machine;
    const VtClass *row;
    const char *tag;
} Family;

typedef bool (*FamilyFunc)(const VtSchema *schema, const Family *family, void *opaque);

/* Calls @func for each family of @target until it returns true. */
static bool
each_family(const VtSchema *schema, uint16_t target, FamilyFunc func, void *opaque)
{
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t i = 0; i < layer->n_machines; i++) {
            Family family = {.layer = layer, .machine = &layer->machines[i]};
            uint16_t mask;

            if (!family.machine->class_id) {
                continue;
            }
            family.row = &layer->classes[family.machine->class_id - layer->first_class];
            family.tag = vt_str(layer, family.row->tag ? family.row->tag : family.row->name);
            mask = (uint16_t)(family.machine->targets ? family.machine->targets : family.row->targets);
            if ((family.row->flags & (VT_CLASS_ABSTRACT | VT_CLASS_IF_OFF)) || (mask && target && !(mask & target))) {
                continue;
            }
            if (func(schema, &family, opaque)) {
                return true;
            }
        }
    }
    return false;
}

static bool
named_for(const VtSchema *schema, const VtVersion *version, const VtClassInfo *family)
{
    const VtLayer *layer = vt_schema_axis_layer(schema, VT_AXIS_MACHINE);

    if (!version->families) {
        return false;
    }
    for (const uint32_t *name = &layer->inputs[version->families]; *name; name++) {
        for (const VtClassInfo *f = family; f; f = f->parent) {
            if (strcmp(vt_str(layer, *name), f->name) == 0) {
                return true;
            }
        }
    }
    return false;
}

bool
vt_machine_has_version(const VtClassInfo *family, uint16_t version)
{
    const VtSchema *schema = family->schema;
    const VtVersion *versions = vt_schema_axis_layer(schema, VT_AXIS_MACHINE)->versions[VT_AXIS_MACHINE];
    const VtMachine *machine = family->machine;

    if (!machine || !machine->from || version < machine->from ||
        version > vt_schema_n_versions(schema, VT_AXIS_MACHINE) || (machine->to && version > machine->to)) {
        return false;
    }
    return !versions[version].bugfix_of || named_for(schema, &versions[version], family);
}

uint16_t
vt_machine_newest(const VtClassInfo *family, uint16_t version)
{
    while (version && !vt_machine_has_version(family, version)) {
        version--;
    }
    return version;
}

char *
vt_machine_version_name(const VtClassInfo *family, uint16_t version)
{
    return family->machine->from
               ? g_strdup_printf("%s-%s", family->tag, vt_schema_version_name(family->schema, VT_AXIS_MACHINE, version))
               : g_strdup(family->tag);
}

const VtProp *
vt_machine_claim(const VtClassInfo *family, const VtClassInfo *backend, const char *member)
{
    const VtLayer *layer = family->layer;
    const uint32_t *claim = family->machine ? &layer->inputs[family->machine->claims] : NULL;

    /* The nearest class is first. */
    for (; claim && *claim; claim += 3) {
        const VtClassInfo *class = vt_schema_class(family->schema, vt_str(layer, claim[0]));

        if (strcmp(vt_str(layer, claim[1]), member) == 0 && vt_class_is_a(backend, class)) {
            const char *own = vt_str(layer, claim[2]);

            return vt_class_prop(family, own, strlen(own));
        }
    }
    return NULL;
}

static void
set_name(const VtSchema *schema, const VtClassInfo *family, uint16_t version, VtMachineName *ret_name)
{
    ret_name->family = family;
    ret_name->version = family->machine->from ? version : vt_schema_open_version(schema, VT_AXIS_MACHINE);
    ret_name->name = vt_machine_version_name(family, version);
    ret_name->vendor = NULL;
}

static bool
find_vendor(const VtSchema *schema, const char *name, uint16_t target, VtMachineName *ret_name)
{
    const VtVendorMachine *vendor = NULL;

    while ((vendor = vt_vendor_machine_next(schema, NULL, vendor))) {
        uint16_t targets = vendor->family->row->targets;

        if ((strcmp(vendor->name, name) == 0 || g_strcmp0(vendor->alias, name) == 0) &&
            (!targets || !target || (targets & target))) {
            *ret_name = (VtMachineName){vendor->family, vendor->version, g_strdup(vendor->name), vendor};
            return true;
        }
    }
    return false;
}

typedef struct Search {
    const char *name;
    VtMachineName *ret_name;
    GPtrArray *candidates;
    const VtClassInfo *family; /* family at the start of @name; NULL: none */
    uint16_t target;
} Search;

static bool
has_alias(const Family *family, const char *name)
{
    for (const VtAlias *alias = NULL; (alias = vt_alias_next(family->layer, family->row->id, 0, alias));) {
        if (strcmp(vt_str(family->layer, alias->name), name) == 0) {
            return true;
        }
    }
    return false;
}

static bool
match(const VtSchema *schema, const Family *family, void *opaque)
{
    Search *search = opaque;
    size_t len = strlen(family->tag);
    const VtClassInfo *info;
    uint16_t version = 0;

    if (has_alias(family, search->name)) {
        info = vt_schema_class_by_id(schema, family->row->id);
        set_name(schema, info, vt_machine_newest(info, vt_schema_open_version(schema, VT_AXIS_MACHINE)),
                 search->ret_name);
        return true;
    }
    if (strncmp(search->name, family->tag, len) != 0) {
        return false;
    }
    if (family->machine->from) {
        if (search->name[len] != '-') {
            return false;
        }
        info = vt_schema_class_by_id(schema, family->row->id);
        version = vt_schema_version(schema, VT_AXIS_MACHINE, search->name + len + 1);
        if (!version || !vt_machine_has_version(info, version)) {
            return false;
        }
    } else if (search->name[len]) {
        return false;
    }
    set_name(schema, vt_schema_class_by_id(schema, family->row->id), version, search->ret_name);
    return true;
}

/* Compares versions number by number; dots separate the numbers. */
static int
compare_versions(const char *a, const char *b)
{
    while (*a || *b) {
        char *a_end, *b_end;
        unsigned long x = strtoul(a, &a_end, 10), y = strtoul(b, &b_end, 10);

        a = a_end;
        b = b_end;
        if (x != y) {
            return x < y ? -1 : 1;
        }
        if ((*a && *a != '.') || (*b && *b != '.')) {
            return 0;
        }
        a += *a == '.';
        b += *b == '.';
    }
    return 0;
}

static bool
collect(const VtSchema *schema, const Family *family, void *opaque)
{
    Search *search = opaque;
    const VtClassInfo *info = vt_schema_class_by_id(schema, family->row->id);
    size_t len = strlen(family->tag);

    if (family->machine->from && strncmp(search->name, family->tag, len) == 0 && search->name[len] == '-' &&
        g_ascii_isdigit(search->name[len + 1])) {
        search->family = info;
    }
    for (const VtAlias *alias = NULL; (alias = vt_alias_next(family->layer, family->row->id, 0, alias));) {
        g_ptr_array_add(search->candidates, g_strdup(vt_str(family->layer, alias->name)));
    }
    for (size_t v = vt_schema_n_versions(schema, VT_AXIS_MACHINE); v > 0; v--) {
        if (vt_machine_has_version(info, (uint16_t)v)) {
            VtMachineName name = {0};

            set_name(schema, info, (uint16_t)v, &name);
            g_ptr_array_add(search->candidates, name.name);
        }
    }
    if (!family->machine->from) {
        g_ptr_array_add(search->candidates, g_strdup(family->tag));
    }
    return false;
}

/* Returns the newest version of the family that is not newer than @asked; if there is none, the oldest. */
static char *
nearest_version(const VtClassInfo *family, const char *asked)
{
    uint16_t best = 0;
    VtMachineName name = {0};

    for (size_t v = vt_schema_n_versions(family->schema, VT_AXIS_MACHINE); v > 0; v--) {
        if (!vt_machine_has_version(family, (uint16_t)v)) {
            continue;
        }
        best = (uint16_t)v;
        if (compare_versions(vt_schema_version_name(family->schema, VT_AXIS_MACHINE, best), asked) <= 0) {
            break;
        }
    }
    if (best) {
        set_name(family->schema, family, best, &name);
    }
    return name.name;
}

static char *
nearest_vendor(const VtSchema *schema, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (const VtVendorMachine *vendor = NULL; (vendor = vt_vendor_machine_next(schema, NULL, vendor));) {
        g_ptr_array_add(names, vendor->name);
    }
    g_ptr_array_add(names, NULL);
    return g_strdup(vt_nearest(name, (const char *const *)names->pdata));
}

void
vt_machine_name_clear(VtMachineName *name)
{
    g_clear_pointer(&name->name, g_free);
    name->family = NULL;
    name->version = 0;
    name->vendor = NULL;
}

bool
vt_machine_find_for(const VtSchema *schema, const char *name, uint16_t target, VtMachineName *ret_name, GError **error)
{
    Search search = {.name = name, .ret_name = ret_name};
    g_autoptr(GPtrArray) candidates = NULL;
    g_autofree char *suggestion = NULL;

    if (find_vendor(schema, name, target, ret_name) || each_family(schema, target, match, &search)) {
        return true;
    }
    candidates = search.candidates = g_ptr_array_new_with_free_func(g_free);
    each_family(schema, target, collect, &search);
    g_ptr_array_add(candidates, NULL);
    suggestion = nearest_vendor(schema, name);
    if (!suggestion && search.family) {
        suggestion = nearest_version(search.family, name + strlen(search.family->tag) + 1);
    } else if (!suggestion) {
        suggestion = g_strdup(vt_nearest(name, (const char *const *)candidates->pdata));
    }
    if (suggestion && g_str_has_prefix(name, suggestion) && name[strlen(suggestion)] == '+') {
        return vt_error_set(error,
                            "unknown machine '%s'; did you mean '%s'? A machine overlay in $VINTAGE_SCHEMA_PATH can "
                            "state how that of a vendor differs",
                            name, suggestion);
    }
    if (suggestion) {
        return vt_error_set(error, "unknown machine '%s'; did you mean '%s'?", name, suggestion);
    }
    return vt_error_set(error, "unknown machine '%s'", name);
}

static bool
is_default(const VtSchema *schema, const Family *family, void *opaque)
{
    Search *search = opaque;
    const VtAlias *alias;

    (void)schema;
    if (!(family->machine->default_for & search->target)) {
        return false;
    }
    alias = vt_alias_next(family->layer, family->machine->class_id, search->target, NULL);
    search->name = alias ? vt_str(family->layer, alias->name) : family->tag;
    return true;
}

const char *
vt_machine_default(const VtSchema *schema, uint16_t target)
{
    Search search = {.target = target};

    return each_family(schema, target, is_default, &search) ? search.name : NULL;
}

bool
vt_machine_find(const VtSchema *schema, const char *name, VtMachineName *ret_name, GError **error)
{
    return vt_machine_find_for(schema, name, 0, ret_name, error);
}
