/* SPDX-License-Identifier: MIT */
#include "verify.h"

#include <string.h>
#include <sys/utsname.h>

#include <json-c/json.h>

#include "pin-value.h"
#include "proven.h"
#include "qtree.h"
#include "vt-runtime/config.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/object.h"

/* An object with values that the command line does not state. */
typedef struct Own {
    char *key; /* of proven.h */
    bool proven;
    bool differs;
} Own;

/* One property to read. */
typedef struct Check {
    EngineVerify *verify;
    const VtObject *object;
    Own *own; /* that the value is of; NULL: it is stated */
    const VtProp *prop;
    json_object *expected;
    char *path; /* of the object in the engine */
    bool sent;
} Check;

struct EngineVerify {
    GPtrArray *checks; /* of Check */
    GPtrArray *owns;   /* of Own */
    EngineProven *proven;
    char *context;       /* what the values of all objects follow from, for keys */
    VtEnginePin pin;     /* values that the command line states */
    unsigned n_nameless; /* devices without id so far */
    unsigned n_answers;
    EngineVerifyCounts counts;
    VtEngineLink *link;
    const EngineVerifyOps *ops;
    void *opaque;
};

static void
check_free(void *opaque)
{
    Check *check = opaque;

    json_object_put(check->expected);
    g_free(check->path);
    g_free(check);
}

static void
own_free(void *opaque)
{
    Own *own = opaque;

    g_free(own->key);
    g_free(own);
}

/* ---- differences ---------------------------------------------------------------------------------------- */

/* "machine default since 5.2, hw/block/virtio-blk.json:48" */
static char *
source_of(const Check *check)
{
    VtProvenance from = vt_object_provenance(check->object, check->prop);
    g_autoptr(GString) text = g_string_new(vt_origin_name(from.from));

    if (from.since) {
        g_string_append_printf(text, " since %s", from.since);
    }
    if (from.file) {
        g_string_append_printf(text, ", %s:%u", from.file, from.line);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* @engine: what the engine does instead. */
static void
report(Check *check, const char *engine)
{
    EngineVerify *verify = check->verify;
    g_autofree char *title = vt_object_title(check->object), *expected = vt_json_text(check->expected);
    g_autofree char *source = source_of(check), *text = NULL;

    text =
        g_strdup_printf("%s: %s: the engine %s, expected %s (%s)", title, check->prop->name, engine, expected, source);
    verify->counts.different++;
    if (check->own) {
        check->own->differs = true;
    }
    verify->ops->differs(verify->opaque, text);
}

/* For a reference, the engine returns the id of the object, its path, or "" if the device has passed the object on to a
 * device inside it, as usb-storage does. */
static bool
names(json_object *expected, const char *text)
{
    json_object *value = vt_json_parse(text, strlen(text), NULL, NULL);
    const char *id = engine_id(json_object_get_string(expected)), *own = json_object_get_string(value);
    const char *name = own ? strrchr(own, '/') : NULL;
    bool is_path = own && (g_str_has_prefix(own, "/objects/") || g_str_has_prefix(own, "/machine/peripheral/"));
    bool ok = own && json_object_is_type(value, json_type_string) &&
              (!*own || strcmp(own, id) == 0 || (is_path && strcmp(name + 1, id) == 0));

    json_object_put(value);
    return ok;
}

/* Of an object, the engine returns all members, and the plan has those that the user set. */
static bool
matches(const VtProp *prop, json_object *expected, const char *text)
{
    json_object *value;
    bool ok = true;

    if (!json_object_is_type(expected, json_type_object)) {
        return engine_value_is(expected, text) || (prop->row->kind == VT_KIND_REF && names(expected, text));
    }
    value = vt_json_parse(text, strlen(text), NULL, NULL);
    json_object_object_foreach (expected, name, member) {
        json_object *own = NULL;

        ok = ok && json_object_object_get_ex(value, name, &own) && json_object_equal(own, member);
    }
    json_object_put(value);
    return ok;
}

static void
end_if_complete(EngineVerify *verify)
{
    /* The end of the connection answers what is open: nothing is verified then. */
    if (verify->n_answers < verify->checks->len || vt_engine_link_has_ended(verify->link)) {
        return;
    }
    for (guint i = 0; i < verify->owns->len; i++) {
        const Own *own = verify->owns->pdata[i];

        if (!own->differs) {
            engine_proven_add(verify->proven, own->key);
        }
    }
    engine_proven_store(verify->proven);
    verify->ops->done(verify->opaque, verify->counts);
}

static void
on_value(void *opaque, VtSpan value, const GError *error)
{
    Check *check = opaque;
    EngineVerify *verify = check->verify;

    if (error && error->code == VT_ERROR_DEVICE_NOT_FOUND) {
        report(check, "has no such object");
    } else if (!error) {
        g_autofree char *text = g_strndup(value.text, value.len), *used = g_strdup_printf("uses %s", text);

        verify->counts.compared++;
        if (!matches(check->prop, check->expected, text)) {
            report(check, used);
        }
    }
    verify->n_answers++;
    end_if_complete(verify);
}

/* ---- the batch ------------------------------------------------------------------------------------------ */

/* The path of the object in the engine, which numbers devices without an id in the order of its command line.  NULL: it
 * has none that is known, as processors and what is no object of QOM.  The caller frees it. */
static char *
path_of(EngineVerify *verify, const VtObject *object)
{
    const char *root = vt_object_class(object)->root->name;
    bool device = strcmp(root, "device") == 0;

    if (!vt_object_id(object) && device && !vt_object_full_config(object)->option) {
        return g_strdup_printf("/machine/peripheral-anon/device[%u]", verify->n_nameless++);
    }
    return strcmp(root, "machine") == 0 || (vt_object_id(object) && (device || strcmp(root, "object") == 0))
               ? vt_object_path(object)
               : NULL;
}

/* The engine has the value of the schema, because it was given. But by itself, it would have another one on each
 * machine: then the schema is wrong. */
static void
check_default(EngineVerify *verify, const VtObject *object, const VtEngineValue *value)
{
    if (value->other && value->reason == VT_ENGINE_REASON_DIFFERS) {
        Check check = {.verify = verify, .object = object, .prop = value->prop, .expected = value->value};
        g_autofree char *own = g_strdup_printf("has the default %s", value->other);

        report(&check, own);
    }
}

/* Whether the command line states the value: @value is one of all values. */
static bool
is_stated(const EngineVerify *verify, const VtEngineValue *value)
{
    return value->reason != VT_ENGINE_REASON_ALL || verify->pin == VT_ENGINE_PIN_ALL;
}

static void
add_check(EngineVerify *verify, VtObject *object, const char *path, VtEngineValue *value, Own *own)
{
    Check *check = g_new(Check, 1);

    *check = (Check){verify, object, own, value->prop, json_object_get(value->value), g_strdup(path)};
    g_ptr_array_add(verify->checks, check);
}

/* The values in lines, for keys. */
static char *
lines_of(const EngineVerify *verify, const VtObject *object, const GArray *values)
{
    g_autofree char *type = vt_object_qom_type(object);
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "%s\n", type);
    for (guint i = 0; i < values->len; i++) {
        const VtEngineValue *value = &g_array_index(values, VtEngineValue, i);

        if (!(value->prop->cold->features & VT_FEATURE_SENSITIVE)) {
            g_autofree char *json = vt_json_text(value->value);

            g_string_append_printf(text, "%s%s=%s\n", is_stated(verify, value) ? "" : "own ", value->prop->name, json);
        }
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static Own *
own_of(EngineVerify *verify, const VtObject *object, const GArray *values)
{
    g_autofree char *lines = lines_of(verify, object, values);
    Own *own = g_new0(Own, 1);

    own->key = g_strconcat(verify->context, lines, NULL);
    own->proven = engine_proven_has(verify->proven, own->key);
    g_ptr_array_add(verify->owns, own);
    return own;
}

static void
add_object(EngineVerify *verify, VtObject *object, GArray *values)
{
    g_autofree char *path = path_of(verify, object);
    Own *own = NULL;

    for (guint i = 0; path && i < values->len; i++) {
        VtEngineValue *value = &g_array_index(values, VtEngineValue, i);

        if (value->prop->cold->features & VT_FEATURE_SENSITIVE || engine_is_automatic(object, value->prop)) {
            continue;
        }
        check_default(verify, object, value);
        if (!is_stated(verify, value) && !own) {
            own = own_of(verify, object, values);
        }
        add_check(verify, object, path, value, is_stated(verify, value) ? NULL : own);
    }
}

/* Release, kernel of the host, and the machine and accelerators with all their values.  A binary may be a script that
 * runs another one, so that the release is not in its identity. */
static bool
make_context(EngineVerify *verify, const VtEngineTerms *all, const GPtrArray *objects, json_object *greeting,
             GError **error)
{
    g_autofree char *release = vt_json_text(greeting);
    g_autoptr(GString) text = g_string_new(release);
    struct utsname host;

    if (uname(&host) == 0) {
        g_string_append_printf(text, "\n%s %s %s\n", host.machine, host.release, host.version);
    }
    for (guint i = 0; i < objects->len; i++) {
        const VtObject *object = objects->pdata[i];
        g_autoptr(GArray) values = NULL;
        g_autofree char *lines = NULL;

        if (!vt_object_is_a(object, "machine") && !vt_object_is_a(object, "accel")) {
            continue;
        }
        values = vt_engine_pin(all, object, error);
        if (!values) {
            return false;
        }
        lines = lines_of(verify, object, values);
        g_string_append(text, lines);
    }
    verify->context = g_string_free(g_steal_pointer(&text), FALSE);
    return true;
}

static void
send_check(Check *check, VtEngineLink *link)
{
    g_autofree char *text = NULL;
    json_object *arguments = json_object_new_object();

    vt_json_add_text(arguments, "path", check->path);
    vt_json_add_text(arguments, "property", check->prop->name);
    text = vt_json_text(arguments);
    json_object_put(arguments);
    check->sent = true;
    vt_engine_link_send(link, "qom-get", (VtSpan){text, strlen(text)}, on_value, check);
}

static bool
is_proven(const Check *check)
{
    return check->own && check->own->proven;
}

/* Asks for the values that the tree of devices does not show. */
static void
on_tree(void *opaque, VtSpan value, const GError *error)
{
    EngineVerify *verify = opaque;
    json_object *text = error ? NULL : vt_json_parse(value.text, value.len, NULL, NULL);
    EngineQtree *tree = engine_qtree_new(text ? json_object_get_string(text) : "");

    json_object_put(text);
    for (guint i = 0; i < verify->checks->len; i++) {
        Check *check = verify->checks->pdata[i];

        if (check->sent) {
            continue;
        }
        if (engine_qtree_shows(tree, check->object, check->prop->name, check->expected)) {
            verify->counts.compared++;
            verify->n_answers++;
        } else if (is_proven(check)) {
            verify->counts.proven++;
            verify->n_answers++;
        } else if (!vt_engine_link_has_ended(verify->link)) {
            send_check(check, verify->link);
        }
    }
    engine_qtree_free(tree);
    end_if_complete(verify);
}

void
engine_verify_begin(EngineVerify *verify)
{
    static const char arguments[] = "{\"command-line\": \"" ENGINE_QTREE "\"}";

    vt_engine_link_send(verify->link, "human-monitor-command", (VtSpan){arguments, strlen(arguments)}, on_tree, verify);
    /* The tree has devices only.  The engine reads these commands while it prints the tree. */
    for (guint i = 0; i < verify->checks->len; i++) {
        Check *check = verify->checks->pdata[i];

        if (strcmp(vt_object_class(check->object)->root->name, "device") != 0 && !is_proven(check)) {
            send_check(check, verify->link);
        }
    }
}

EngineVerify *
engine_verify_new(const VtEngineTerms *terms, const VtVm *vm, json_object *greeting, VtEngineLink *link,
                  const EngineVerifyOps *ops, void *opaque, GError **error)
{
    EngineVerify *verify = g_new0(EngineVerify, 1);
    g_autoptr(GPtrArray) objects = vt_vm_in_order(vm);
    VtEngineTerms all = *terms;
    bool ok;

    all.pin = VT_ENGINE_PIN_ALL;
    *verify = (EngineVerify){.checks = g_ptr_array_new_with_free_func(check_free),
                             .owns = g_ptr_array_new_with_free_func(own_free),
                             .proven = engine_proven_new(terms->info),
                             .pin = terms->pin,
                             .link = link,
                             .ops = ops,
                             .opaque = opaque};
    ok = make_context(verify, &all, objects, greeting, error);
    for (guint i = 0; ok && i < objects->len; i++) {
        VtObject *object = objects->pdata[i];
        g_autoptr(GArray) values = vt_object_runs_elsewhere(object) ? vt_engine_pin(&all, object, error) : NULL;

        ok = values || !vt_object_runs_elsewhere(object);
        if (values) {
            add_object(verify, object, values);
        }
    }
    if (!ok) {
        engine_verify_free(verify);
        return NULL;
    }
    return verify;
}

void
engine_verify_free(EngineVerify *verify)
{
    if (verify) {
        g_ptr_array_unref(verify->checks);
        g_ptr_array_unref(verify->owns);
        engine_proven_free(verify->proven);
        g_free(verify->context);
        g_free(verify);
    }
}
