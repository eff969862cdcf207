/* SPDX-License-Identifier: MIT */
/*
 * The life of an engine.
 */
#include <string.h>
#include <sys/wait.h>

#include "engine-private.h"
#include "refresh.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/role.h"

#define OOB "oob" /* a capability of QMP */

VtEngine *
vt_engine_new(const VtProgram *program, const VtEngineOptions *options)
{
    VtEngine *engine = g_new0(VtEngine, 1);

    engine->program = program;
    engine->options = options;
    engine->own = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    engine->hidden = g_array_new(FALSE, FALSE, sizeof(int));
    engine->served = g_array_new(FALSE, FALSE, sizeof(EngineServed));
    g_array_set_clear_func(engine->served, vt_engine_served_clear);
    engine->waiting = g_ptr_array_new();
    engine->deleted = g_ptr_array_new_with_free_func(g_free);
    return engine;
}

void
vt_engine_free(VtEngine *engine)
{
    if (engine) {
        vt_engine_link_free(engine->link);
        engine_refresh_clear(engine);
        engine_verify_free(engine->verify);
        vt_engine_process_free(engine->process);
        g_clear_handle_id(&engine->next, g_source_remove);
        vt_engine_close_hidden(engine);
        g_array_unref(engine->hidden);
        g_array_unref(engine->served);
        g_ptr_array_unref(engine->waiting);
        g_ptr_array_unref(engine->deleted);
        json_object_put(engine->greeting);
        g_clear_error(&engine->failed);
        vt_engine_info_free(engine->info);
        g_clear_pointer(&engine->arguments, g_ptr_array_unref);
        g_hash_table_unref(engine->own);
        g_free(engine->binary);
        g_free(engine);
    }
}

/* ---- startup --------------------------------------------------------------------------------------------- */

static void
fail_start(VtEngine *engine, const GError *error)
{
    /* The end of the process says more. */
    if (engine->state == VT_ENGINE_STATE_STARTING && !engine->failed &&
        (engine->exited || !vt_engine_link_has_ended(engine->link))) {
        engine->failed = g_error_copy(error);
    }
}

static void
on_running(void *opaque, VtSpan value, const GError *error)
{
    VtEngine *engine = opaque;

    (void)value;
    if (error) {
        fail_start(engine, error);
        return;
    }
    engine->state = VT_ENGINE_STATE_RUNNING;
    engine->service->relay = &vt_engine_relay;
}

static void
run_guest(VtEngine *engine)
{
    if (engine->paused) {
        on_running(engine, (VtSpan){NULL, 0}, NULL);
    } else {
        vt_engine_link_send(engine->link, "cont", (VtSpan){NULL, 0}, on_running, engine);
    }
}

static void
on_difference(void *opaque, const char *text)
{
    const VtEngine *engine = opaque;

    vt_vm_notice(engine->service->vm, text);
}

static void
on_verified(void *opaque, EngineVerifyCounts counts)
{
    VtEngine *engine = opaque;
    g_autoptr(GError) error = NULL;

    engine->counts = counts;
    if (engine->failed) {
        return;
    }
    if (counts.different && engine->options->verify == VT_ENGINE_VERIFY_ON) {
        vt_error_set(&error, "the engine differs in %u of %u values; '-%s verify=warn' starts it with these values",
                     counts.different, counts.compared, vt_program_role(engine->program, VT_ROLE_ENGINE)->name);
        fail_start(engine, error);
    } else {
        run_guest(engine);
    }
}

static void
on_negotiated(void *opaque, VtSpan value, const GError *error)
{
    VtEngine *engine = opaque;

    (void)value;
    if (error) {
        fail_start(engine, error);
    } else if (engine->options->verify == VT_ENGINE_VERIFY_OFF) {
        run_guest(engine);
    }
}

/* Whether the greeting lists the capability. */
static bool
offers(json_object *greeting, const char *capability)
{
    json_object *list = NULL;
    bool found = false;

    json_object_object_get_ex(greeting, "capabilities", &list);
    for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++) {
        found |= g_strcmp0(json_object_get_string(json_object_array_get_idx(list, i)), capability) == 0;
    }
    return found;
}

static void
on_greeting(void *opaque, VtSpan greeting)
{
    static const char enable[] = "{\"enable\": [\"" OOB "\"]}";
    static const EngineVerifyOps ops = {.differs = on_difference, .done = on_verified};
    VtEngine *engine = opaque;
    g_autoptr(GError) error = NULL;

    engine->greeting = vt_json_parse(greeting.text, greeting.len, NULL, NULL);
    engine->has_oob = offers(engine->greeting, OOB);
    vt_engine_link_send(engine->link, "qmp_capabilities",
                        engine->has_oob ? (VtSpan){enable, strlen(enable)} : (VtSpan){NULL, 0}, on_negotiated, engine);
    /* The engine greets before it has created the machine: this takes none of its time. */
    if (engine->options->verify != VT_ENGINE_VERIFY_OFF) {
        engine->verify = engine_verify_new(&engine->terms, engine->service->vm, engine->greeting, engine->link, &ops,
                                           engine, &error);
    }
    if (engine->verify) {
        engine_verify_begin(engine->verify);
    } else if (error) {
        fail_start(engine, error);
    }
}

/* ---- events ---------------------------------------------------------------------------------------------- */

/* A device that the engine has deleted is deleted here, too. */
static void
take_deleted(VtEngine *engine, VtSpan message)
{
    json_object *tree = vt_json_parse(message.text, message.len, NULL, NULL), *data = NULL, *device = NULL;

    json_object_object_get_ex(tree, "data", &data);
    if (json_object_object_get_ex(data, "device", &device)) {
        vt_engine_relay_deleted(engine, json_object_get_string(device));
    }
    json_object_put(tree);
}

static void
on_event(void *opaque, VtSpan name, VtSpan message)
{
    VtEngine *engine = opaque;

    if (vt_span_is(name, "DEVICE_DELETED")) {
        take_deleted(engine, message);
    }
    engine_refresh_on(engine, name);
    engine->shutdown |= vt_span_is(name, "SHUTDOWN");
    vt_service_event_text(engine->service, message);
}

/* ---- end ------------------------------------------------------------------------------------------------- */

/* Called when the connection and the process have ended. */
static void
finish(VtEngine *engine)
{
    g_autofree char *how = vt_engine_end_text(engine->status);
    g_autoptr(GError) error = NULL;

    if (engine->state == VT_ENGINE_STATE_STARTING) {
        vt_error_set(&error, "the engine has not started: it ended with %s", how);
        fail_start(engine, error);
        return;
    }
    engine->state = VT_ENGINE_STATE_ENDED;
    if (WIFSIGNALED(engine->status) || !engine->shutdown) {
        json_object *data = json_object_new_object();
        g_autofree char *line = g_strdup_printf("the engine ended with %s", how);

        vt_json_add_bool(data, "guest", false);
        vt_json_add_text(data, "reason", "host-error");
        vt_service_event_tree(engine->service, "SHUTDOWN", data);
        vt_vm_notice(engine->service->vm, line);
    }
    vt_service_end(engine->service);
}

static void
on_link_ended(void *opaque)
{
    VtEngine *engine = opaque;

    if (engine->exited) {
        finish(engine);
    }
}

static void
on_process_end(void *opaque, int status)
{
    VtEngine *engine = opaque;

    engine->exited = true;
    engine->status = status;
    if (vt_engine_link_has_ended(engine->link)) {
        finish(engine);
    } else {
        vt_engine_link_end(engine->link);
    }
}

/* Removes the prefix that QEMU puts before a message: the name of its program. */
static void
on_line(void *opaque, const char *line)
{
    const VtEngine *engine = opaque;
    g_autofree char *name = g_path_get_basename(engine->binary);
    size_t len = strlen(name);

    if (strncmp(line, name, len) == 0 && strncmp(line + len, ": ", 2) == 0) {
        line += len + 2;
    }
    engine->line(engine->opaque, line);
}

bool
vt_engine_start(VtEngine *engine, VtService *service, const VtEngineStart *start, GError **error)
{
    static const VtEngineProcessOps process_ops = {.line = on_line, .ended = on_process_end};
    static const VtEngineLinkOps link_ops = {.greeting = on_greeting, .event = on_event, .ended = on_link_ended};
    g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(int));
    VtEngineCommand command;

    engine->service = service;
    engine->paused = start->paused;
    engine->line = start->line;
    engine->opaque = start->opaque;
    g_array_append_vals(kept, start->kept->data, start->kept->len);
    vt_engine_add_inherited(engine, kept);
    command = (VtEngineCommand){engine->binary, engine->arguments, kept, start->user, start->terminal};
    engine->process = vt_engine_process_new(&command, &process_ops, engine, error);
    vt_engine_close_hidden(engine);
    if (!engine->process) {
        return false;
    }
    engine->state = VT_ENGINE_STATE_STARTING;
    engine->link = vt_engine_link_new(vt_engine_process_steal_qmp(engine->process), &link_ops, engine);
    vt_vm_set_runner(service->vm, &vt_engine_runner, engine);
    return true;
}

bool
vt_engine_started(const VtEngine *engine)
{
    return engine->state != VT_ENGINE_STATE_STARTING || engine->failed;
}

bool
vt_engine_check(const VtEngine *engine, GError **error)
{
    if (engine->failed) {
        g_propagate_error(error, g_error_copy(engine->failed));
    }
    return !engine->failed;
}

int
vt_engine_exit_status(const VtEngine *engine)
{
    return vt_engine_end_status(engine->status);
}
