/* SPDX-License-Identifier: MIT */
#include "vt-runtime/vendor-machine.h"

#include <stdlib.h>
#include <string.h>

#include "schema/schema-private.h"

VtVendorMachine *
vt_vendor_machine_new(const char *name, const char *where, const VtMachineName *base, size_t n_defaults)
{
    VtVendorMachine *machine = g_new0(VtVendorMachine, 1);

    machine->name = g_strdup(name);
    machine->where = g_strdup(where);
    machine->builtin = g_strdup(vt_machine_builtin_name(base));
    machine->family = base->family;
    machine->version = base->version;
    machine->base = base->vendor;
    machine->defaults = g_new0(VtVendorDefault, n_defaults + 1);
    return machine;
}

void
vt_vendor_machine_free(VtVendorMachine *machine)
{
    if (!machine) {
        return;
    }
    for (size_t i = 0; i < machine->n_defaults; i++) {
        g_free(machine->defaults[i].driver);
        g_free(machine->defaults[i].property);
        g_free(machine->defaults[i].value);
        g_free(machine->defaults[i].why);
    }
    g_free(machine->defaults);
    g_free(machine->name);
    g_free(machine->builtin);
    g_free(machine->where);
    g_free(machine->alias);
    g_free(machine->doc);
    g_free(machine->creates);
    g_free(machine);
}

void
vt_vendor_machine_add_default(VtVendorMachine *machine, const char *driver, const char *property, const char *value,
                              const char *why)
{
    machine->defaults[machine->n_defaults++] =
        (VtVendorDefault){g_strdup(driver), g_strdup(property), g_strdup(value), g_strdup(why)};
}

void
vt_vendor_machine_set_board(VtVendorMachine *machine, const char *alias, const char *doc, const char *creates)
{
    machine->alias = g_strdup(alias);
    machine->doc = g_strdup(doc);
    machine->creates = g_strdup(creates);
}

static void
free_machine(void *machine)
{
    vt_vendor_machine_free(machine);
}

void
vt_schema_add_vendor_machine(const VtSchema *schema, VtVendorMachine *machine)
{
    if (!schema->lazy->vendors) {
        schema->lazy->vendors = g_ptr_array_new_with_free_func(free_machine);
    }
    g_ptr_array_add(schema->lazy->vendors, machine);
}

const VtVendorMachine *
vt_vendor_machine_next(const VtSchema *schema, const VtClassInfo *family, const VtVendorMachine *before)
{
    bool passed = !before;

    for (guint i = 0; schema->lazy->vendors && i < schema->lazy->vendors->len; i++) {
        const VtVendorMachine *machine = schema->lazy->vendors->pdata[i];

        if (passed && (!family || machine->family == family)) {
            return machine;
        }
        passed = passed || machine == before;
    }
    return NULL;
}

char *
vt_vendor_machine_doc(const VtVendorMachine *machine)
{
    if (machine->doc) {
        return g_strdup_printf("%s (%s)", machine->doc, machine->where);
    }
    return g_strdup_printf("%s with other defaults (%s)", machine->base ? machine->base->name : machine->builtin,
                           machine->where);
}

const char *
vt_machine_builtin_name(const VtMachineName *machine)
{
    return machine->vendor ? machine->vendor->builtin : machine->name;
}

const char *
vt_schema_keep_text(const VtSchema *schema, const char *text)
{
    if (!schema->lazy->texts) {
        schema->lazy->texts = g_string_chunk_new(256);
    }
    return g_string_chunk_insert_const(schema->lazy->texts, text);
}

/* ---- platform overlays ----------------------------------------------------------------------------------- */

bool
vt_schema_add_platform_file(const VtSchema *schema, const char *name, const char *path)
{
    const char *known = vt_schema_platform_file(schema, name);

    if (known || vt_schema_version(schema, VT_AXIS_PLATFORM, name)) {
        return g_strcmp0(known, path) == 0; /* the same file again */
    }
    if (!schema->lazy->platforms) {
        schema->lazy->platforms = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    }
    g_hash_table_insert(schema->lazy->platforms, g_strdup(name), g_strdup(path));
    return true;
}

const char *
vt_schema_platform_file(const VtSchema *schema, const char *name)
{
    return schema->lazy->platforms ? g_hash_table_lookup(schema->lazy->platforms, name) : NULL;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **
vt_schema_platform_names(const VtSchema *schema)
{
    guint n = schema->lazy->platforms ? g_hash_table_size(schema->lazy->platforms) : 0, i = 0;
    const char **names = g_new0(const char *, n + 1);
    GHashTableIter iter;
    void *name;

    if (n) {
        g_hash_table_iter_init(&iter, schema->lazy->platforms);
    }
    while (i < n && g_hash_table_iter_next(&iter, &name, NULL)) {
        names[i++] = name;
    }
    qsort(names, n, sizeof *names, compare_names);
    return names;
}
