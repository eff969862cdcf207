/* SPDX-License-Identifier: MIT */
/*
 * Relays commands of clients to the engine.
 *
 * A request that waits for an answer of the engine runs again when the answer is there.  A request that changes the VM
 * is planned, sent, and planned again, so that the tree has no object that the engine lacks.  In between, no other
 * request may change the tree: other requests of this program wait for their turn, and so do devices that the engine
 * deletes.
 */
#include <string.h>

#include <json-c/json.h>

#include "engine-private.h"
#include "refresh.h"
#include "served.h"
#include "vt-runtime/await.h"
#include "vt-runtime/descriptors.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"
#include "vt-runtime/wipe.h"

/* Commands in progress with which QEMU still reads commands out of band. */
#define IN_BAND_MAX 7
#define KEY         "answer of the engine"

/* A command that was sent, and its answer. */
typedef struct VtRelayWork {
    VtEngine *engine;
    VtAwaited *answer;
    GString *value; /* NULL: @error */
    GError *error;
    char *command, *arguments; /* of a command that the tree follows; NULL: it does not */
} Work;

static void
work_free(void *opaque)
{
    Work *work = opaque;

    vt_wipe_string(work->value);
    g_clear_error(&work->error);
    g_free(work->command);
    vt_wipe_str(work->arguments);
    g_free(work);
}

static const VtWorkOps query_ops = {.free = work_free};
static const VtWorkOps change_ops = {.free = work_free, .binds = true};

static void
on_answer(void *opaque, VtSpan value, const GError *error)
{
    Work *work = opaque;

    if (error) {
        work->error = g_error_copy(error);
    } else {
        work->value = g_string_new_len(value.text, (gssize)value.len);
        if (work->command && work->engine->state == VT_ENGINE_STATE_RUNNING) {
            engine_refresh_after(work->engine, work->command, work->arguments);
        }
    }
    vt_await_answered(work->answer);
}

/* A name of a command needs no escapes in JSON. */
static bool
is_name(const char *text)
{
    return text[strspn(text, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.")] == '\0';
}

/* Sends a command for the current request, which then waits. */
static bool
send(VtEngine *engine, const VtRelayed *relayed, const VtWorkOps *ops, Work **ret_work, GError **error)
{
    Work *work;

    if (!is_name(relayed->command)) {
        g_set_error(error, VT_ERROR, VT_ERROR_COMMAND_NOT_FOUND, "The command %s has not been found", relayed->command);
        return false;
    }
    if (!vt_await_is_possible() || engine->state != VT_ENGINE_STATE_RUNNING || vt_engine_link_has_ended(engine->link)) {
        return vt_error_set(error, "the engine has ended");
    }
    work = g_new0(Work, 1);
    work->engine = engine;
    if (engine_refresh_is_after(engine, relayed->command)) {
        work->command = g_strdup(relayed->command);
        work->arguments = relayed->arguments.text ? g_strndup(relayed->arguments.text, relayed->arguments.len) : NULL;
    }
    vt_await_answer(KEY, ops, work, &work->answer, error);
    if (ret_work) {
        *ret_work = work;
    }
    if (relayed->descriptors && relayed->descriptors->len) {
        vt_engine_link_pass(engine->link, vt_descriptors_take(relayed->descriptors));
    }
    (relayed->oob ? vt_engine_link_send_oob : vt_engine_link_send)(engine->link, relayed->command, relayed->arguments,
                                                                   on_answer, work);
    return false;
}

/* Takes the answer of the current request. */
static bool
take(Work *work, GString *ret, GError **error)
{
    if (work->error) {
        g_propagate_error(error, g_error_copy(work->error));
        return false;
    }
    g_string_append_len(ret, work->value->str, (gssize)work->value->len);
    return true;
}

static bool
run(void *opaque, const VtRelayed *relayed, GString *ret, GError **error)
{
    const VtEngine *engine = opaque;
    Work *work = vt_await_done(KEY);

    if (engine->refuses_migration &&
        vt_enum_has_name(vt_context_schema(vt_vm_context(engine->service->vm)), "IncomingCommand", relayed->command)) {
        return vt_error_set(error, "the contract of the source of the migration differs; see check-migration-contract");
    }
    return work ? take(work, ret, error) : send(opaque, relayed, &query_ops, NULL, error);
}

static bool
answered(void *engine)
{
    (void)engine;
    return vt_await_done(KEY) != NULL;
}

static bool
oob(void *opaque, bool use)
{
    VtEngine *engine = opaque;

    if (engine->has_oob && use) {
        vt_engine_link_set_limit(engine->link, IN_BAND_MAX);
    }
    return engine->has_oob;
}

/* That of the engine, whose package follows ours. */
static json_object *
version(void *opaque)
{
    const VtEngine *engine = opaque;
    json_object *of = NULL, *triple = NULL, *package = NULL, *info = json_object_new_object();
    g_autofree char *text = NULL;

    json_object_object_get_ex(engine->greeting, "version", &of);
    json_object_object_get_ex(of, "qemu", &triple);
    json_object_object_get_ex(of, "package", &package);
    json_object_object_add(info, "qemu", json_object_get(triple));
    text = g_strdup_printf("vintage-" VT_VERSION " with %s", package ? json_object_get_string(package) : "");
    vt_json_add_text(info, "package", text);
    return info;
}

static void
shut_down(void *opaque)
{
    const VtEngine *engine = opaque;

    vt_engine_process_signal(engine->process, SIGTERM);
}

/* ---- changes of the VM ----------------------------------------------------------------------------------- */

static const VtWorkOps turn_ops = {.free = g_free};

static bool
turn(void *opaque, GError **error)
{
    VtEngine *engine = opaque;
    g_autofree char *key = NULL;
    VtAwaited *answer;

    if ((!engine->changing && !engine->next && !engine->n_questions) ||
        (engine->changing && vt_await_done(KEY) == engine->changing)) {
        return true;
    }
    key = g_strdup_printf("turn %u", ++engine->turns);
    vt_await_answer(key, &turn_ops, g_malloc(1), &answer, error);
    g_ptr_array_add(engine->waiting, answer);
    return false;
}

/* The requests that wait run when the current one is over. */
static gboolean
on_turn(void *opaque)
{
    VtEngine *engine = opaque;
    g_autoptr(GPtrArray) deleted = g_steal_pointer(&engine->deleted);
    g_autoptr(GPtrArray) waiting = g_steal_pointer(&engine->waiting);

    engine->deleted = g_ptr_array_new_with_free_func(g_free);
    engine->waiting = g_ptr_array_new();
    engine->next = 0;
    engine_refresh_after_change(engine);
    for (guint i = 0; i < deleted->len; i++) {
        vt_service_unplugged(engine->service, deleted->pdata[i]);
    }
    for (guint i = 0; i < waiting->len; i++) {
        vt_await_answered(waiting->pdata[i]);
    }
    return G_SOURCE_REMOVE;
}

void
vt_engine_relay_next(VtEngine *engine)
{
    if (!engine->changing && !engine->next && !engine->n_questions &&
        (engine->waiting->len || engine->deleted->len || engine->answers.length)) {
        engine->next = g_idle_add_full(G_PRIORITY_HIGH, on_turn, engine, NULL);
    }
}

/* Carries out the change of the current request in the engine. */
static bool
change(VtEngine *engine, const VtRelayed *relayed, GError **error)
{
    Work *work = vt_await_done(KEY);
    g_autoptr(GString) value = NULL;

    if (!work) {
        return send(engine, relayed, &change_ops, &engine->changing, error);
    }
    engine->changing = NULL;
    vt_engine_relay_next(engine);
    value = g_string_new(NULL);
    return take(work, value, error);
}

void
vt_engine_relay_deleted(VtEngine *engine, const char *id)
{
    if (engine->changing || engine->next) {
        g_ptr_array_add(engine->deleted, g_strdup(id));
    } else {
        vt_service_unplugged(engine->service, id);
    }
}

/* Whether a command creates a backend that this process would have: the engine is connected to such at startup only. */
static bool
is_served_too_late(const VtEngine *engine, const VtObject *object)
{
    return engine->service->running.command && engine_is_served(object);
}

static bool
has(const VtObject *object, void *opaque)
{
    return !vt_engine_keeps(opaque, object) || is_served_too_late(opaque, object);
}

static bool
remove_object(VtObject *object, void *opaque, GError **error)
{
    VtEngine *engine = opaque;

    (void)object;
    return engine->following || change(engine, &engine->service->running, error);
}

/* Before release 9.2, device_add reads each value as text, as an option has it, so that the digits of a number may mean
 * another one: 16 is function 0 of slot 2, but slot 22 as a text.  All releases read the text of the codec. */
static void
make_coded(const VtObject *object, GArray *values)
{
    for (guint i = 0; i < values->len; i++) {
        VtEngineValue *said = &g_array_index(values, VtEngineValue, i);
        json_object *coded = NULL;

        if (json_object_is_type(said->value, json_type_int)) {
            vt_object_values(object, said->prop, VT_OUTPUT_GIVEN | VT_OUTPUT_CODED, NULL, &coded);
        }
        if (json_object_is_type(coded, json_type_string)) {
            json_object_put(said->value);
            said->value = json_object_get(coded);
        }
        json_object_put(coded);
    }
}

/* @object as the engine creates it, as JSON text; NULL with @error.  The caller frees it. */
static char *
creation_text(const VtEngine *engine, const VtObject *object, GError **error)
{
    g_autoptr(GArray) values = vt_engine_pin(&engine->terms, object, error);
    json_object *creation;
    char *text;

    if (!values) {
        return NULL;
    }
    make_coded(object, values);
    creation = vt_engine_creation(object, values);
    text = vt_json_text(creation);
    json_object_put(creation);
    return text;
}

static bool
create_object(VtObject *object, void *opaque, GError **error)
{
    VtEngine *engine = opaque;
    VtRelayed relayed = {.command = engine->service->running.command};
    g_autofree char *text = NULL;

    if (engine->following) {
        return true;
    }
    if (is_served_too_late(engine, object)) {
        return vt_error_set(
            error, "'%s': Vintage serves a backend from the start of the engine on; create it on the command line",
            vt_object_display(object));
    }
    if (!vt_await_done(KEY)) {
        text = creation_text(engine, object, error);
        if (!text) {
            return false;
        }
        relayed.arguments = (VtSpan){text, strlen(text)};
    }
    return change(engine, &relayed, error);
}

const VtRelayOps vt_engine_relay = {
    .run = run, .answered = answered, .oob = oob, .turn = turn, .version = version, .shutdown = shut_down};
const VtRunnerOps vt_engine_runner = {.has = has, .create = create_object, .remove = remove_object};
