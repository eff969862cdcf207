/* SPDX-License-Identifier: MIT */
/*
 * A session that answers one request of HTTP (RFC 9112) with the metrics.
 */
#include <string.h>

#include "metrics.h"

#define HEADER_MAX ((size_t)8 << 10)
#define LIMIT_S    10 /* for the request */

typedef struct Speaker {
    VtMonitor *monitor;
    GString *header; /* as far as it has arrived */
    bool answered, too_long;
    guint timer, ending; /* sources; 0: none */
} Speaker;

static void
say_nothing(void *opaque, GString *out)
{
    (void)opaque;
    (void)out;
}

static void
feed(void *opaque, const char *bytes, size_t len)
{
    Speaker *speaker = opaque;

    /* One byte beyond the limit shows that the header is too long. */
    g_string_append_len(speaker->header, bytes, (gssize)MIN(len, HEADER_MAX + 1 - speaker->header->len));
}

/* The request: the first line of the header.  NULL: it has not arrived yet. */
static char *
next(void *opaque, GString *out)
{
    Speaker *speaker = opaque;
    const char *text = speaker->header->str;

    (void)out;
    if (speaker->answered) {
        return NULL;
    }
    if (!strstr(text, "\r\n\r\n") && !strstr(text, "\n\n")) {
        if (speaker->header->len <= HEADER_MAX) {
            return NULL;
        }
        speaker->too_long = true;
    }
    speaker->answered = true;
    return g_strndup(text, strcspn(text, "\r\n"));
}

static gboolean
end_session(gpointer opaque)
{
    Speaker *speaker = opaque;

    speaker->ending = 0;
    vt_monitor_end_input(speaker->monitor);
    return G_SOURCE_REMOVE;
}

static gboolean
on_limit(gpointer opaque)
{
    Speaker *speaker = opaque;

    speaker->timer = 0;
    if (!speaker->answered) {
        speaker->answered = true;
        vt_monitor_end_input(speaker->monitor);
    }
    return G_SOURCE_REMOVE;
}

static void
answer(GString *out, const char *status, const char *body, bool with_body)
{
    g_string_append_printf(out,
                           "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                           "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                           status, strlen(body), with_body ? body : "");
}

static bool execute(VtMonitor *monitor, const char *text, GString *out, GError **error);

static void
reset(void *opaque)
{
    g_string_truncate(((Speaker *)opaque)->header, 0);
}

static void
free_speaker(void *opaque)
{
    Speaker *speaker = opaque;

    if (speaker) {
        g_clear_handle_id(&speaker->timer, g_source_remove);
        g_clear_handle_id(&speaker->ending, g_source_remove);
        g_string_free(speaker->header, TRUE);
        g_free(speaker);
    }
}

static const VtMonitorLanguage language = {
    .greet = say_nothing, .feed = feed, .next = next, .execute = execute, .reset = reset, .free = free_speaker};

static bool
execute(VtMonitor *monitor, const char *text, GString *out, GError **error)
{
    Speaker *speaker = vt_monitor_speaker(monitor, &language);
    g_auto(GStrv) words = g_strsplit(text, " ", 0);
    g_autoptr(GString) body = g_string_new(NULL);
    bool head = words[0] && strcmp(words[0], "HEAD") == 0;

    if (speaker && speaker->too_long) {
        answer(out, "431 Request Header Fields Too Large", "the header has more than 8 KiB\n", true);
    } else if (g_strv_length(words) != 3 || !g_str_has_prefix(words[2], "HTTP/1.")) {
        answer(out, "400 Bad Request", "expected GET /metrics HTTP/1.1\n", true);
    } else if (!head && strcmp(words[0], "GET") != 0) {
        answer(out, "405 Method Not Allowed", "expected GET\n", true);
    } else if (strcmp(words[1], "/metrics") != 0) {
        answer(out, "404 Not Found", "the metrics are at /metrics\n", !head);
    } else if (vt_metrics_append(monitor, body, error)) {
        answer(out, "200 OK", body->str, !head);
    } else {
        return false;
    }
    if (speaker && !speaker->ending) {
        speaker->ending = g_idle_add(end_session, speaker);
    }
    return true;
}

void
vt_metrics_attach(VtMonitor *monitor)
{
    Speaker *speaker = g_new0(Speaker, 1);

    speaker->monitor = monitor;
    speaker->header = g_string_new(NULL);
    speaker->timer = g_timeout_add_seconds(LIMIT_S, on_limit, speaker);
    vt_monitor_set_language(monitor, &language, speaker);
}
