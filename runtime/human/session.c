/* SPDX-License-Identifier: MIT */
/*
 * A session of the human monitor, and the commands about it.
 */
#include "human-private.h"

#include <string.h>

#include "vt-gen/runtime.h"
#include "vt-runtime/error.h"

/* What a session has beside its line in hand. */
typedef struct Speaker {
    VtMonitor *monitor;
    VtEditor *editor;
} Speaker;

static GPtrArray *
complete(void *opaque, const char *line)
{
    return vt_human_complete(opaque, line);
}

static void
greet(void *opaque, GString *out)
{
    const Speaker *speaker = opaque;

    g_string_append(out, "Vintage " VT_VERSION " monitor - type 'help' for more information\r\n");
    vt_editor_prompt(speaker->editor, out);
}

static void
feed(void *opaque, const char *bytes, size_t len)
{
    vt_editor_feed(((Speaker *)opaque)->editor, bytes, len);
}

static char *
next(void *opaque, GString *out)
{
    const Speaker *speaker = opaque;

    return vt_editor_next(speaker->editor, out, complete, vt_monitor_service(speaker->monitor));
}

static void
reset(void *opaque)
{
    vt_editor_reset(((Speaker *)opaque)->editor);
}

static void
free_speaker(void *opaque)
{
    Speaker *speaker = opaque;

    if (speaker) {
        vt_editor_free(speaker->editor);
        g_free(speaker);
    }
}

static bool execute(VtMonitor *monitor, const char *text, GString *out, GError **error);

static const VtMonitorLanguage language = {
    .greet = greet, .feed = feed, .next = next, .execute = execute, .reset = reset, .free = free_speaker};

/* Terminals need a carriage return. */
static void
append_lines(GString *out, const char *text)
{
    for (; *text; text++) {
        g_string_append(out, *text == '\n' ? "\r" : "");
        g_string_append_c(out, *text);
    }
}

static bool
execute(VtMonitor *monitor, const char *text, GString *out, GError **error)
{
    const Speaker *speaker = vt_monitor_speaker(monitor, &language);
    g_autoptr(GString) printed = g_string_new(NULL);

    if (!vt_human_run(monitor, NULL, text, printed, error)) {
        return false;
    }
    append_lines(out, printed->str);
    if (speaker) {
        vt_editor_prompt(speaker->editor, out);
    }
    return true;
}

void
vt_human_attach(VtMonitor *monitor)
{
    Speaker *speaker = g_new0(Speaker, 1);

    speaker->monitor = monitor;
    speaker->editor = vt_editor_new();
    vt_monitor_set_language(monitor, &language, speaker);
}

/* ---- commands -------------------------------------------------------------------------------------------- */

bool
vt_hmp_help(VtMonitor *monitor, const VtQObjHmpHelpArg *arg, GString *text, GError **error)
{
    return vt_human_help(monitor, arg->command ? arg->command : "", text) ||
           vt_error_set(error, "help: unknown command '%s'", arg->command);
}

bool
vt_hmp_info_history(VtMonitor *monitor, GString *text, GError **error)
{
    const Speaker *speaker = vt_monitor_speaker(monitor, &language);
    const GPtrArray *history = speaker ? vt_editor_history(speaker->editor) : NULL;

    (void)error;
    for (guint i = 0; history && i < history->len; i++) {
        g_string_append_printf(text, "%u: '%s'\n", i, (char *)history->pdata[i]);
    }
    return true;
}
