/* SPDX-License-Identifier: MIT */
#include "vt-runtime/json.h"
#include "vt-runtime/write-report.h"

#include <json-c/json.h>

#include "vt-runtime/main-thread.h"
#include "vt-runtime/vm.h"

#define INTERVAL_US G_TIME_SPAN_SECOND

static void
emit(VtWriteReport *report)
{
    VtVm *vm = vt_object_vm(report->object);
    g_autofree char *path = vt_object_path(report->object), *title = vt_object_title(report->object);
    g_autofree char *line = NULL;
    bool failed = report->number != 0;
    json_object *data;

    if (failed == report->failing) {
        return;
    }
    data = json_object_new_object();
    vt_json_add_text(data, "qom-path", path);
    vt_json_add_text(data, "filename", report->filename);
    if (failed) {
        vt_json_add_text(data, "reason", g_strerror(report->number));
        line = g_strdup_printf("%s: '%s': cannot be written: %s", title, report->filename, g_strerror(report->number));
    } else {
        json_object_object_add(data, "lost-bytes", json_object_new_int64((int64_t)report->lost));
        line = g_strdup_printf("%s: '%s': can be written again; %" G_GUINT64_FORMAT " bytes are lost", title,
                               report->filename, report->lost);
        report->lost = 0;
    }
    report->failing = failed;
    report->reported_us = g_get_monotonic_time();
    vt_vm_notice(vm, line);
    vt_vm_event(vm, failed ? "FILE_WRITE_ERROR" : "FILE_WRITE_RESUMED", data);
}

static gboolean
on_turn(gpointer opaque)
{
    VtWriteReport *report = opaque;

    report->source = 0;
    emit(report);
    return G_SOURCE_REMOVE;
}

void
vt_write_report(VtWriteReport *report, int number, size_t lost)
{
    int64_t wait_us;

    vt_assert_main();
    report->lost += lost;
    report->number = number;
    if (!report->filename || report->source || report->failing == (number != 0)) {
        return;
    }
    wait_us = report->reported_us ? report->reported_us + INTERVAL_US - g_get_monotonic_time() : 0;
    report->source = g_timeout_add((guint)(MAX(wait_us, 0) / G_TIME_SPAN_MILLISECOND), on_turn, report);
}

void
vt_write_report_clear(VtWriteReport *report)
{
    if (report->source) {
        g_clear_handle_id(&report->source, g_source_remove);
        emit(report);
    }
    *report = (VtWriteReport){NULL};
}
