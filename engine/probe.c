/* SPDX-License-Identifier: MIT */
/*
 * Probes a binary: runs it without a machine and asks for everything that its command line and QMP accept.
 *
 * Some releases end when they are asked for the properties of certain types. The probe then starts the binary again and
 * goes on after the type.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <json-c/json.h>

#include "child.h"
#include "info.h"
#include "info-build.h"
#include "vt-engine/client.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

#define LIMIT_MS  20000 /* of each wait for the binary */
#define MOST_RUNS 24    /* a binary that ends more often is no engine */
#define PART      64    /* types in a batch */
#define WORDS_MAX 4096

typedef struct Question {
    guint type; /* index of the type in the build */
    const char *name;
    bool device;
} Question;

typedef struct Probe {
    const char *binary;
    unsigned runs;
    EngineChild *child;
    int words; /* file with what it writes; -1: none */
    VtEngineClient *client;
    InfoBuild build;
    InfoHead head;
    json_object *types; /* reply of qom-list-types; owns the names of questions */
} Probe;

/* ---- the process --------------------------------------------------------------------------------------- */

static void
stop(Probe *probe)
{
    g_clear_pointer(&probe->client, vt_engine_client_free);
    g_clear_pointer(&probe->child, engine_child_free);
    if (probe->words >= 0) {
        close(probe->words);
        probe->words = -1;
    }
}

/* Ends the binary.  Returns the last line that it wrote, or NULL.  The caller frees it. */
static char *
last_words(Probe *probe)
{
    g_autofree char *text = g_malloc0(WORDS_MAX + 1);
    off_t size;
    char *line;

    g_clear_pointer(&probe->child, engine_child_free);
    size = lseek(probe->words, 0, SEEK_END);
    if (size <= 0 || pread(probe->words, text, WORDS_MAX, MAX(size - WORDS_MAX, 0)) <= 0) {
        return NULL;
    }
    g_strchomp(text);
    line = strrchr(text, '\n');
    return g_strdup(line ? line + 1 : text);
}

static bool
start(Probe *probe, GError **error)
{
    static const char *const arguments[] = {"-machine", "none", "-nodefaults", "-no-user-config",
                                            "-display", "none", "-S",          NULL};
    g_autofree char *said = NULL;
    EngineLaunch launch;

    stop(probe);
    probe->runs++;
    probe->words = memfd_create("engine", MFD_CLOEXEC);
    if (probe->words < 0) {
        return vt_error_set(error, "no file in memory: %s", g_strerror(errno));
    }
    launch = (EngineLaunch){.binary = probe->binary, .arguments = arguments, .text = probe->words};
    probe->child = engine_child_new(&launch, error);
    if (!probe->child) {
        return false;
    }
    probe->client = vt_engine_client_new(engine_child_steal_monitor(probe->child), LIMIT_MS, error);
    if (!probe->client) {
        said = last_words(probe);
        if (said) {
            g_prefix_error(error, "%s: ", said);
        }
        g_prefix_error(error, "'%s' is no engine: ", probe->binary);
        return false;
    }
    return true;
}

/* ---- questions ----------------------------------------------------------------------------------------- */

static json_object *
one_member(const char *name, json_object *value)
{
    json_object *object = json_object_new_object();

    json_object_object_add(object, name, value);
    return object;
}

static json_object *
array_of(GArray *calls, guint index)
{
    json_object *result = g_array_index(calls, VtEngineCall, index).result;

    return json_object_is_type(result, json_type_array) ? result : NULL;
}

static void
read_version(Probe *probe)
{
    json_object *version = NULL, *package = NULL;

    json_object_object_get_ex(vt_engine_client_greeting(probe->client), "version", &version);
    json_object_object_get_ex(version, "package", &package);
    vt_engine_client_version(probe->client, probe->head.version);
    probe->head.package = info_build_text(&probe->build, package ? json_object_get_string(package) : "");
}

enum { TARGET, TYPES, COMMANDS, OPTIONS, SCHEMA, MACHINES, PLAIN_MACHINES, N_QUESTIONS };

/* Asks for everything but the properties of types. */
static bool
ask_lists(Probe *probe, GError **error)
{
    g_autoptr(GArray) calls = vt_engine_calls_new();
    InfoBuild *build = &probe->build;
    json_object *target = NULL, *machines;
    g_autofree char *schema = NULL;

    vt_engine_calls_add(calls, "query-target", NULL);
    vt_engine_calls_add(calls, "qom-list-types", one_member("abstract", json_object_new_boolean(true)));
    vt_engine_calls_add(calls, "query-commands", NULL);
    vt_engine_calls_add(calls, "query-command-line-options", NULL);
    vt_engine_calls_add(calls, "query-qmp-schema", NULL);
    vt_engine_calls_add(calls, "query-machines", one_member("compat-props", json_object_new_boolean(true)));
    vt_engine_calls_add(calls, "query-machines", NULL); /* a release without compat props refuses the one before */
    if (!vt_engine_client_batch(probe->client, calls, error)) {
        return false;
    }
    machines = array_of(calls, MACHINES) ? array_of(calls, MACHINES) : array_of(calls, PLAIN_MACHINES);
    if (!array_of(calls, TYPES) || !array_of(calls, COMMANDS) || !array_of(calls, OPTIONS) ||
        !array_of(calls, SCHEMA) || !machines ||
        !json_object_object_get_ex(g_array_index(calls, VtEngineCall, TARGET).result, "arch", &target)) {
        return vt_error_set(error, "'%s' is no engine: it does not list its types, machines or commands",
                            probe->binary);
    }
    probe->types = json_object_get(array_of(calls, TYPES));
    probe->head.target = info_build_text(build, json_object_get_string(target));
    probe->head.commands = info_build_names(build, array_of(calls, COMMANDS), "name");
    probe->head.options = info_build_names(build, array_of(calls, OPTIONS), "option");
    schema = vt_json_text(array_of(calls, SCHEMA));
    probe->head.schema_len = strlen(schema);
    probe->head.schema = info_build_text(build, schema);
    for (size_t i = 0; i < json_object_array_length(machines); i++) {
        info_build_machine(build, json_object_array_get_idx(machines, i));
    }
    return true;
}

/* Removes the parent of each type that is its own ancestor: others follow the parents of the info to their end. */
static void
cut_circles(GHashTable *parents)
{
    GHashTableIter iter;
    gpointer name;

    g_hash_table_iter_init(&iter, parents);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        const char *above = g_hash_table_lookup(parents, name);

        for (guint steps = g_hash_table_size(parents); above && steps; steps--) {
            above = g_hash_table_lookup(parents, above);
        }
        if (above) {
            g_hash_table_iter_replace(&iter, NULL);
        }
    }
}

/* Whether the type @name is @root or derived from it. @parents: name to parent. */
static bool
is_a(GHashTable *parents, const char *name, const char *root)
{
    while (name && strcmp(name, root) != 0) {
        name = g_hash_table_lookup(parents, name);
    }
    return name;
}

/* Adds all types, and returns the questions for the properties of those that a command line can create or set. */
static GArray *
add_types(Probe *probe, json_object *creatable)
{
    g_autoptr(GHashTable) parents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GHashTable) objects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GArray *questions = g_array_new(FALSE, FALSE, sizeof(Question));

    for (size_t i = 0; i < json_object_array_length(probe->types); i++) {
        json_object *type = json_object_array_get_idx(probe->types, i);

        g_hash_table_insert(parents, g_strdup(vt_json_member_text(type, "name")),
                            g_strdup(vt_json_member_text(type, "parent")));
    }
    cut_circles(parents);
    for (size_t i = 0; i < json_object_array_length(creatable); i++) {
        g_hash_table_add(objects, g_strdup(vt_json_member_text(json_object_array_get_idx(creatable, i), "name")));
    }
    for (size_t i = 0; i < json_object_array_length(probe->types); i++) {
        json_object *type = json_object_array_get_idx(probe->types, i);
        const char *name = vt_json_member_text(type, "name");
        json_object *abstract = NULL;
        Question question = {probe->build.types->len, name, is_a(parents, name, "device")};

        json_object_object_get_ex(type, "abstract", &abstract);
        info_build_type(&probe->build, name, g_hash_table_lookup(parents, name),
                        json_object_get_boolean(abstract) ? INFO_TYPE_ABSTRACT : 0);
        if (!json_object_get_boolean(abstract) &&
            (question.device || is_a(parents, name, "machine") || is_a(parents, name, "accel") ||
             g_hash_table_contains(objects, name))) {
            g_array_append_val(questions, question);
        }
    }
    return questions;
}

/* Asks for the properties of at most @n types in one batch. Returns the number of types that the engine answered before
 * it ended. */
static guint
ask_part(Probe *probe, const Question *questions, guint n)
{
    g_autoptr(GArray) calls = vt_engine_calls_new();
    bool ended;

    for (guint i = 0; i < n; i++) {
        vt_engine_calls_add(calls, questions[i].device ? "device-list-properties" : "qom-list-properties",
                            one_member("typename", json_object_new_string(questions[i].name)));
    }
    ended = !vt_engine_client_batch(probe->client, calls, NULL);
    for (guint i = 0; i < n; i++) {
        const VtEngineCall *call = &g_array_index(calls, VtEngineCall, i);

        if (array_of(calls, i)) {
            info_build_props(&probe->build, questions[i].type, array_of(calls, i));
        } else if (ended && !call->error) {
            return i;
        }
    }
    return n;
}

/* Asks for the properties of all types. If the engine ends, the next type is asked alone, because replies may be lost:
 * only a type that ends an engine by itself is left out. */
static bool
ask_all(Probe *probe, const GArray *questions, GError **error)
{
    guint part = PART;

    for (guint i = 0; i < questions->len;) {
        const Question *question = &g_array_index(questions, Question, i);
        guint n = MIN(part, questions->len - i), answered = ask_part(probe, question, n);

        i += answered;
        part = answered == n ? PART : 1;
        if (answered == n) {
            continue;
        }
        if (n == 1) {
            g_array_index(probe->build.types, InfoType, question->type).flags |= INFO_TYPE_UNKNOWN;
            i++;
        }
        if (probe->runs >= MOST_RUNS) {
            return vt_error_set(error, "'%s' is no engine: it ended %u times when it was asked for its types",
                                probe->binary, probe->runs);
        }
        if (!start(probe, error)) {
            return false;
        }
    }
    return true;
}

static bool
ask_types(Probe *probe, GError **error)
{
    json_object *arguments = one_member("implements", json_object_new_string("user-creatable"));
    json_object *creatable = vt_engine_client_call(probe->client, "qom-list-types", arguments, error);
    g_autoptr(GArray) questions = creatable ? add_types(probe, creatable) : NULL;
    bool ok = creatable && ask_all(probe, questions, error);

    json_object_put(arguments);
    json_object_put(creatable);
    return ok;
}

GByteArray *
vt_engine_probe(const char *binary, const char *identity, GError **error)
{
    Probe probe = {.binary = binary, .words = -1};
    GByteArray *block = NULL;

    info_build_init(&probe.build);
    probe.head.identity = info_build_text(&probe.build, identity);
    if (start(&probe, error)) {
        read_version(&probe);
        if (ask_lists(&probe, error) && ask_types(&probe, error)) {
            block = info_build_end(&probe.build, &probe.head);
        }
    }
    stop(&probe);
    json_object_put(probe.types);
    info_build_clear(&probe.build);
    return block;
}
