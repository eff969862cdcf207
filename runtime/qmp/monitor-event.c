/* SPDX-License-Identifier: MIT */
/*
 * Events, including SHUTDOWN.
 */
#include "monitor-private.h"

#include <string.h>

#include <json-c/json.h>

#include "monitor-event.h"
#include "vt-gen/runtime.h"
#include "vt-runtime/output.h"

static void
send_all(VtService *service, const GString *text)
{
    for (guint i = 0; i < service->monitors->len; i++) {
        VtMonitor *monitor = g_ptr_array_index(service->monitors, i);

        if (monitor->negotiated) {
            vt_monitor_send(monitor, text->str, text->len);
        }
    }
}

void
vt_service_event_text(VtService *service, VtSpan text)
{
    g_autoptr(GString) line = g_string_new_len(text.text, (gssize)text.len);

    g_string_append(line, "\r\n");
    send_all(service, line);
}

/* Returns whether the user hides the event, which is deprecated. */
static bool
is_hidden(const VtService *service, const char *name)
{
    const VtProgram *program = service->program;

    if (!(vt_service_output_flags(service) & VT_OUTPUT_NO_DEPRECATED)) {
        return false;
    }
    for (uint32_t i = 0; i < program->n_events; i++) {
        if (strcmp(program->events[i].name, name) == 0) {
            VtLifeStage stage = vt_life_stage(&program->events[i].life, service->life->release);

            return stage == VT_LIFE_DEPRECATED || stage == VT_LIFE_REMOVED;
        }
    }
    return false;
}

void
vt_service_event_tree(VtService *service, const char *name, json_object *data)
{
    g_autoptr(GString) text = g_string_new(NULL);
    gint64 now = g_get_real_time();

    if (is_hidden(service, name)) {
        json_object_put(data);
        return;
    }
    g_string_append_printf(text,
                           "{\"timestamp\": {\"seconds\": %" G_GINT64_FORMAT ", \"microseconds\": %" G_GINT64_FORMAT
                           "}, "
                           "\"event\": \"%s\"",
                           now / G_USEC_PER_SEC, now % G_USEC_PER_SEC, name);
    if (data) {
        g_string_append(text, ", \"data\": ");
        vt_monitor_append_json(text, data);
    }
    g_string_append(text, "}\r\n");
    send_all(service, text);
}

static void
on_vm_event(const char *name, json_object *data, void *service)
{
    vt_service_event_tree(service, name, data);
}

static void
on_vm_quit(const char *reason, void *service)
{
    vt_service_shutdown(service, false, reason);
}

void
vt_service_forward_events(VtService *service)
{
    vt_vm_set_event_func(service->vm, on_vm_event, service);
    vt_vm_set_quit_func(service->vm, on_vm_quit, service);
}

void
vt_service_event(VtService *service, const char *name, uint16_t type, const void *data)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(service->vm));

    vt_service_event_tree(service, name,
                          type ? vt_output_type(schema, type, data, vt_service_output_flags(service)) : NULL);
}

void
vt_service_end(VtService *service)
{
    service->state = VT_SERVICE_SHUTDOWN;
    if (service->loop) {
        g_main_loop_quit(service->loop);
    }
}

typedef struct Shutdown {
    VtService *service;
    bool guest;
    const char *reason;
} Shutdown;

static gboolean
on_shutdown(gpointer opaque)
{
    Shutdown *shutdown = opaque;
    json_object *data = json_object_new_object();

    json_object_object_add(data, "guest", json_object_new_boolean(shutdown->guest));
    json_object_object_add(data, "reason", json_object_new_string(shutdown->reason));
    vt_service_event_tree(shutdown->service, "SHUTDOWN", data);
    vt_service_end(shutdown->service);
    return G_SOURCE_REMOVE;
}

void
vt_service_shutdown(VtService *service, bool guest, const char *reason)
{
    Shutdown *shutdown;

    if (service->state == VT_SERVICE_SHUTDOWN) {
        return;
    }
    if (service->relay) {
        service->relay->shutdown(service->engine);
        return;
    }
    service->state = VT_SERVICE_SHUTDOWN;
    shutdown = g_new(Shutdown, 1);
    *shutdown = (Shutdown){service, guest, reason};
    /* Deferred, so that the reply to the command is sent first. */
    g_idle_add_full(G_PRIORITY_DEFAULT, on_shutdown, shutdown, g_free);
}
