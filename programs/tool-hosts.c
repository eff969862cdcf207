/* SPDX-License-Identifier: MIT */
#include "tool-hosts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json-split.h"

#define PROGRESS_US 100000
#define PART        65536

typedef struct Visit {
    const VtSchema *schema;
    ToolHostFunc func;
    void *opaque;
    guint64 n;
    gint64 shown; /* when progress was shown; 0: standard error is no terminal */
} Visit;

static void
show_progress(Visit *visit)
{
    gint64 now = visit->shown ? g_get_monotonic_time() : 0;

    if (now > visit->shown + PROGRESS_US) {
        visit->shown = now;
        fprintf(stderr, "\r%" G_GUINT64_FORMAT " hosts", visit->n);
        fflush(stderr);
    }
}

static bool
visit_host(Visit *visit, VtPlatform *host, const char *name, GError **error)
{
    visit->n++;
    show_progress(visit);
    return visit->func(host, name, visit->opaque, error);
}

static bool
visit_file(Visit *visit, const char *path, GError **error)
{
    g_autoptr(VtPlatform) host = vt_platform_new(visit->schema, 0, path, error);

    return host && visit_host(visit, host, path, error);
}

static bool
visit_directory(Visit *visit, const char *path, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDir) directory = g_dir_open(path, 0, &failure);
    guint64 before = visit->n;
    const char *name;

    if (!directory) {
        return vt_error_set(error, "%s", failure->message);
    }
    while ((name = g_dir_read_name(directory))) {
        g_autofree char *file = g_str_has_suffix(name, ".json") ? g_build_filename(path, name, NULL) : NULL;

        if (file && !visit_file(visit, file, error)) {
            return false;
        }
    }
    return visit->n > before || vt_error_set(error, "%s: no host file (*.json)", path);
}

static bool
visit_text(Visit *visit, const char *text, size_t len, GError **error)
{
    g_autofree char *place = g_strdup_printf("stdin[%" G_GUINT64_FORMAT "]", visit->n);
    g_autoptr(VtPlatform) host = vt_platform_new_text(visit->schema, place, text, len, error);
    const char *name = host ? vt_platform_host(host) : NULL;

    return host && visit_host(visit, host, name ? name : place, error);
}

/* Visits the values of @split that are complete. */
static bool
visit_values(Visit *visit, VtJsonSplit *split, GError **error)
{
    const char *text, *wrong;
    VtSplitResult result;
    size_t len;

    while ((result = vt_json_split_next(split, &text, &len, &wrong)) == VT_SPLIT_VALUE) {
        if (!visit_text(visit, text, len, error)) {
            return false;
        }
    }
    return result == VT_SPLIT_MORE || vt_error_set(error, "stdin[%" G_GUINT64_FORMAT "]: %s", visit->n, wrong);
}

static bool
visit_stream(Visit *visit, GError **error)
{
    g_autofree char *part = g_malloc(PART);
    VtJsonSplit split;
    ssize_t got;
    bool ok = true;

    vt_json_split_init(&split, VT_HOST_FILE_MAX);
    do {
        got = read(STDIN_FILENO, part, PART);
        if (got > 0) {
            vt_json_split_add(&split, part, (size_t)got);
            ok = visit_values(visit, &split, error);
        }
    } while (ok && (got > 0 || (got < 0 && errno == EINTR)));
    if (ok && got < 0) {
        ok = vt_error_set(error, "standard input: cannot be read: %s", g_strerror(errno));
    } else if (ok && split.len) {
        ok = vt_error_set(error, "stdin[%" G_GUINT64_FORMAT "]: the value is not complete", visit->n);
    }
    vt_json_split_clear(&split);
    return ok;
}

bool
tool_hosts_each(const VtSchema *schema, const GPtrArray *places, ToolHostFunc func, void *opaque, GError **error)
{
    Visit visit = {.schema = schema, .func = func, .opaque = opaque, .shown = isatty(STDERR_FILENO)};
    bool ok = true;

    for (guint i = 0; ok && i < places->len; i++) {
        const char *place = places->pdata[i];

        ok = strcmp(place, "-") == 0                  ? visit_stream(&visit, error)
             : g_file_test(place, G_FILE_TEST_IS_DIR) ? visit_directory(&visit, place, error)
                                                      : visit_file(&visit, place, error);
    }
    if (visit.shown > 1) {
        fputs("\r\033[K", stderr);
    }
    return ok;
}
