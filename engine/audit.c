/* SPDX-License-Identifier: MIT */
#include "vt-engine/audit.h"

#include <string.h>

#include <json-c/json.h>

#include "pin-value.h"
#include "qom.h"
#include "vt-runtime/config.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

typedef struct Audit {
    VtEngineClient *client;
    const VtEngineAuditTerms *terms;
    GArray *found;     /* of VtEngineDeviation */
    GHashTable *known; /* wanted objects that the QEMU has */
    char *memory;      /* path of the memory of the machine, which it may have created itself; NULL: none */
} Audit;

/* An object of the QEMU. */
typedef struct Subject {
    const char *path;
    const VtClassInfo *info;
    VtObject *given, *lean, *wanted; /* the same object of VtEngineAuditTerms; NULL: none */
} Subject;

static void
clear_deviation(void *opaque)
{
    VtEngineDeviation *one = opaque;

    g_free(one->path);
    json_object_put(one->value);
    json_object_put(one->expected);
}

/* Takes ownership of @value and @expected. */
static void
add_deviation(Audit *audit, const char *path, const char *property, json_object *value, json_object *expected)
{
    VtEngineDeviation one = {g_strdup(path), property, value, expected};

    g_array_append_val(audit->found, one);
}

/* ---- which values are compared ------------------------------------------------------------------------- */

static bool
is_address(const VtClassInfo *info, const char *name)
{
    const char *bus = vt_str(info->layer, info->row->plugs_into), *part;

    for (unsigned i = 0; *bus && (part = vt_schema_bus_address(info->schema, bus, i)); i++) {
        if (strcmp(part, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the member is one value that a user can set. */
static bool
is_compared(const Audit *audit, const VtClassInfo *info, const VtProp *prop)
{
    uint16_t target = vt_context_target(audit->terms->ctx);

    return !prop->hidden && !prop->alias_of && prop->row->kind != VT_KIND_REF && prop->row->kind != VT_KIND_STRUCT &&
           !(prop->row->flags & (VT_ROW_IF_OFF | VT_ROW_LIST)) &&
           !(prop->cold->features & (VT_FEATURES_NO_INPUT | VT_FEATURE_SENSITIVE)) &&
           (!prop->cold->targets || prop->cold->targets & target) && !is_address(info, prop->name);
}

/* Whether the user set the member, for this object or by a global. */
static bool
is_given(const VtObject *object, const VtProp *prop)
{
    VtOrigin from = object ? vt_object_provenance(object, prop).from : VT_ORIGIN_ABSENT;

    return from == VT_ORIGIN_EXPLICIT || from == VT_ORIGIN_GLOBAL;
}

/* Whether a member without a value has none in the QEMU. */
static bool
is_none(json_object *value)
{
    return !value || (json_object_is_type(value, json_type_string) && !json_object_get_string_len(value)) ||
           (json_object_is_type(value, json_type_int) && !json_object_get_int64(value)) ||
           (json_object_is_type(value, json_type_boolean) && !json_object_get_boolean(value));
}

/* ---- what is expected ---------------------------------------------------------------------------------- */

/* The default of the class, in the type that the QEMU has. *@ret_auto: the QEMU replaces it. */
static json_object *
default_of(const Audit *audit, const Subject *subject, const VtProp *prop, const char *type, bool *ret_auto)
{
    const VtImage *image = vt_context_image(audit->terms->ctx, subject->info);
    const void *field = (const char *)image->data + prop->offset;
    VtConfig *fresh = vt_config_new(audit->terms->ctx, subject->info);
    bool present = vt_config_present(fresh, prop);
    json_object *value = NULL;

    *ret_auto = prop->cold->features & VT_FEATURE_AUTOMATIC || prop->late ||
                engine_field_is_auto(subject->info->schema, prop, field);
    if (present) {
        value = vt_output_field(subject->info->schema, prop->layer, prop->row, field,
                                engine_type_is_number(type) ? 0 : VT_OUTPUT_NAMES);
    }
    vt_config_free(fresh);
    return value ? engine_value_as(value, type) : NULL;
}

/* The value that @object has in its plan. *@ret_auto: the QEMU replaces it. */
static json_object *
planned_of(const VtObject *object, const VtProp *prop, const char *type, bool *ret_auto)
{
    *ret_auto = engine_is_automatic(object, prop);
    return vt_object_reports(object, prop, true) ? engine_value(object, prop, type) : NULL;
}

/* What is expected of the member. A default that follows from other values is that of the plan. */
static json_object *
expected_of(const Audit *audit, const Subject *subject, const VtProp *prop, const char *type, bool *ret_auto)
{
    const VtObject *object = is_given(subject->given, prop) ? subject->lean : subject->given;

    if (subject->wanted) {
        return planned_of(subject->wanted, prop, type, ret_auto);
    }
    if (prop->late && object && vt_object_provenance(object, prop).from == VT_ORIGIN_DERIVED) {
        return planned_of(object, prop, type, ret_auto);
    }
    return default_of(audit, subject, prop, type, ret_auto);
}

static void
compare(Audit *audit, const Subject *subject, const VtProp *prop, const EngineQomEntry *entry)
{
    bool automatic;
    json_object *expected = expected_of(audit, subject, prop, entry->type, &automatic);

    /* A device may compute a value that has no default, such as the file of its ROM. */
    automatic = automatic || (!expected && (subject->given || subject->wanted));

    if ((expected && json_object_equal(expected, entry->value)) ||
        (!expected && is_none(entry->value) && !is_given(subject->given, prop)) ||
        (automatic && !is_given(subject->wanted ? subject->wanted : subject->given, prop))) {
        json_object_put(expected);
    } else {
        add_deviation(audit, subject->path, prop->name, json_object_get(entry->value), expected);
    }
}

static bool
audit_object(Audit *audit, const Subject *subject, GError **error)
{
    g_autoptr(GArray) entries = engine_qom_list(audit->client, subject->path, error);

    if (!entries) {
        return false;
    }
    for (guint i = entries->len; i-- > 0;) {
        const char *name = g_array_index(entries, EngineQomEntry, i).name;
        const VtProp *prop = vt_class_prop(subject->info, name, strlen(name));

        if (!prop || !is_compared(audit, subject->info, prop)) {
            g_array_remove_index(entries, i);
        }
    }
    if (!engine_qom_read(audit->client, subject->path, entries, error)) {
        return false;
    }
    for (guint i = 0; i < entries->len; i++) {
        const EngineQomEntry *entry = &g_array_index(entries, EngineQomEntry, i);

        if (entry->value) {
            compare(audit, subject, vt_class_prop(subject->info, entry->name, strlen(entry->name)), entry);
        }
    }
    return true;
}

/* ---- the same object ----------------------------------------------------------------------------------- */

typedef struct Search {
    const VtClassInfo *info;
    guint skip;
    VtObject *found;
} Search;

static bool
find_nameless(VtObject *object, void *opaque)
{
    Search *search = opaque;

    if (vt_object_id(object) || vt_object_class(object) != search->info) {
        return true;
    }
    if (search->skip-- > 0) {
        return true;
    }
    search->found = object;
    return false;
}

/* The object of @vm with @id, or the one at @nth of the class without an id. */
static VtObject *
object_of(const VtVm *vm, const VtClassInfo *info, const char *id, guint nth)
{
    const char *kind = info->root->kind;
    Search search = {info, nth, NULL};

    if (!vm) {
        return NULL;
    }
    if (id) {
        search.found = vt_vm_find(vm, kind, id);
        return search.found && vt_object_class(search.found) == info ? search.found : NULL;
    }
    vt_vm_each(vm, kind, find_nameless, &search);
    return search.found;
}

/* The number of entries before @i with the type of that one. */
static guint
number_of(const GArray *entries, guint i)
{
    const char *type = g_array_index(entries, EngineQomEntry, i).child;
    guint n = 0;

    for (guint j = 0; j < i; j++) {
        n += g_strcmp0(g_array_index(entries, EngineQomEntry, j).child, type) == 0;
    }
    return n;
}

static gint
compare_numbers(gconstpointer a, gconstpointer b)
{
    const EngineQomEntry *x = a, *y = b;
    size_t n = strcspn(x->name, "["), m = strcspn(y->name, "[");

    return n == m && strncmp(x->name, y->name, n) == 0 ? (gint)(g_ascii_strtoull(x->name + n + !!x->name[n], NULL, 10) -
                                                                g_ascii_strtoull(y->name + m + !!y->name[m], NULL, 10))
                                                       : strcmp(x->name, y->name);
}

/* Compares the objects in @container. @named: their names are their ids. */
static bool
audit_container(Audit *audit, const char *container, bool named, GError **error)
{
    g_autoptr(GArray) entries = engine_qom_list(audit->client, container, error);

    if (!entries) {
        return false;
    }
    g_array_sort(entries, compare_numbers);
    for (guint i = 0; i < entries->len; i++) {
        const EngineQomEntry *entry = &g_array_index(entries, EngineQomEntry, i);
        const VtEngineAuditTerms *terms = audit->terms;
        const VtClassInfo *info = entry->child ? vt_schema_class(vt_context_schema(terms->ctx), entry->child) : NULL;
        g_autofree char *path = g_strdup_printf("%s/%s", container, entry->name);
        const char *id = named ? entry->name : NULL;
        guint nth = number_of(entries, i);
        Subject subject = {path, info};

        if (!info) {
            continue;
        }
        subject.given = object_of(terms->given, info, id, nth);
        subject.lean = object_of(terms->lean, info, id, nth);
        subject.wanted = object_of(terms->wanted, info, id, nth);
        if (subject.wanted) {
            g_hash_table_add(audit->known, subject.wanted);
        } else if (terms->wanted && g_strcmp0(path, audit->memory) == 0) {
            continue;
        } else if (terms->wanted) {
            add_deviation(audit, path, "type", json_object_new_string(entry->child), NULL);
            continue;
        }
        if (!audit_object(audit, &subject, error)) {
            return false;
        }
    }
    return true;
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

static bool
read_memory(Audit *audit, GError **error)
{
    g_autoptr(GArray) calls = vt_engine_calls_new();
    json_object *path;

    vt_engine_calls_add(calls, "qom-get", engine_qom_at("/machine", "memory-backend"));
    if (!vt_engine_client_batch(audit->client, calls, error)) {
        return false;
    }
    path = g_array_index(calls, VtEngineCall, 0).result;
    audit->memory = json_object_is_type(path, json_type_string) ? g_strdup(json_object_get_string(path)) : NULL;
    return true;
}

static bool
audit_machine(Audit *audit, GError **error)
{
    const VtEngineAuditTerms *terms = audit->terms;
    Subject subject = {"/machine", vt_context_machine(terms->ctx)->family};

    subject.given = terms->given ? vt_vm_machine(terms->given) : NULL;
    subject.lean = terms->lean ? vt_vm_machine(terms->lean) : NULL;
    subject.wanted = terms->wanted ? vt_vm_machine(terms->wanted) : NULL;
    return audit_object(audit, &subject, error) && read_memory(audit, error);
}

/* Whether a container of the QEMU has objects of the class. */
static bool
is_contained(const VtObject *object)
{
    const char *root = vt_object_class(object)->root->name;

    return (strcmp(root, "device") == 0 || strcmp(root, "object") == 0) && !vt_object_full_config(object)->option;
}

/* Reports the wanted objects that the QEMU does not have. */
static void
report_missing(Audit *audit)
{
    g_autoptr(GPtrArray) objects = vt_vm_in_order(audit->terms->wanted);

    for (guint i = 0; i < objects->len; i++) {
        const VtObject *object = objects->pdata[i];

        if (is_contained(object) && !g_hash_table_contains(audit->known, object)) {
            g_autofree char *path = vt_object_path(object);

            add_deviation(audit, path, "type", NULL, json_object_new_string(vt_object_class(object)->name));
        }
    }
}

GArray *
vt_engine_audit(VtEngineClient *client, const VtEngineAuditTerms *terms, GError **error)
{
    Audit audit = {client, terms, g_array_new(FALSE, FALSE, sizeof(VtEngineDeviation)), g_hash_table_new(NULL, NULL),
                   NULL};
    bool ok;

    g_array_set_clear_func(audit.found, clear_deviation);
    ok = audit_machine(&audit, error) && audit_container(&audit, "/machine/peripheral", true, error) &&
         audit_container(&audit, "/machine/peripheral-anon", false, error) &&
         (!terms->wanted || audit_container(&audit, "/objects", true, error));
    if (ok && terms->wanted) {
        report_missing(&audit);
    }
    g_hash_table_unref(audit.known);
    g_free(audit.memory);
    if (!ok) {
        g_clear_pointer(&audit.found, g_array_unref);
    }
    return audit.found;
}
