/* SPDX-License-Identifier: MIT */
#include "metrics.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vt-runtime/json.h"
#include "vt-runtime/open-file.h"

#define METRIC_PREFIX "vintage"

/* The samples of one metric follow each other in the text. */
typedef struct Metric {
    char *name;
    GString *samples;
} Metric;

typedef struct Metrics {
    GPtrArray *list; /* of Metric, in order */
    GHashTable *by_name;
} Metrics;

static void
metric_free(Metric *metric)
{
    g_free(metric->name);
    g_string_free(metric->samples, TRUE);
    g_free(metric);
}

/* Names of metrics and labels have letters, digits and '_'. */
static void
append_name(GString *text, const char *name)
{
    for (; *name; name++) {
        g_string_append_c(text, g_ascii_isalnum(*name) ? *name : '_');
    }
}

static void
append_label(GString *labels, const char *name, const char *value)
{
    g_string_append_c(labels, labels->len ? ',' : '{');
    append_name(labels, name);
    g_string_append(labels, "=\"");
    for (; *value; value++) {
        if (*value == '\n') {
            g_string_append(labels, "\\n");
            continue;
        }
        if (*value == '"' || *value == '\\') {
            g_string_append_c(labels, '\\');
        }
        g_string_append_c(labels, *value);
    }
    g_string_append_c(labels, '"');
}

static void
add_sample(Metrics *metrics, const char *name, const GString *labels, const char *value)
{
    Metric *metric = g_hash_table_lookup(metrics->by_name, name);

    if (!metric) {
        metric = g_new(Metric, 1);
        *metric = (Metric){g_strdup(name), g_string_new(NULL)};
        g_ptr_array_add(metrics->list, metric);
        g_hash_table_insert(metrics->by_name, metric->name, metric);
    }
    g_string_append_printf(metric->samples, "%s%s%s %s\n", name, labels->str, labels->len ? "}" : "", value);
}

/* ---- results of commands ------------------------------------------------------------------------------- */

static void add_value(Metrics *metrics, const char *name, const GString *labels, json_object *value);

static void
add_numbers_below(Metrics *metrics, const char *name, const GString *outer, json_object *object)
{
    g_autoptr(GString) labels = g_string_new(outer->str);

    json_object_object_foreach (object, label, text) {
        if (json_object_is_type(text, json_type_string) && json_object_get_string_len(text)) {
            append_label(labels, label, json_object_get_string(text));
        }
    }
    json_object_object_foreach (object, member, value) {
        g_autoptr(GString) path = g_string_new(name);

        g_string_append_c(path, '_');
        append_name(path, member);
        add_value(metrics, path->str, labels, value);
    }
}

/* A text is a label of the numbers beside and below it.  The texts of the elements of a list differ; numbers in a list
 * have their index. */
static void
add_value(Metrics *metrics, const char *name, const GString *labels, json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_boolean:
        add_sample(metrics, name, labels, json_object_get_boolean(value) ? "1" : "0");
        return;
    case json_type_int:
    case json_type_double:
        add_sample(metrics, name, labels, json_object_get_string(value));
        return;
    case json_type_object:
        add_numbers_below(metrics, name, labels, value);
        return;
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            json_object *element = json_object_array_get_idx(value, i);
            g_autoptr(GString) own = g_string_new(labels->str);

            if (!json_object_is_type(element, json_type_object)) {
                g_autofree char *index = g_strdup_printf("%zu", i);

                append_label(own, "index", index);
            }
            add_value(metrics, name, own, element);
        }
        return;
    default:
        return;
    }
}

static bool
add_command(Metrics *metrics, VtMonitor *monitor, const VtCommand *command, GError **error)
{
    g_autoptr(GString) name = g_string_new(METRIC_PREFIX "_");
    g_autoptr(GString) labels = g_string_new(NULL);
    json_object *arguments = vt_json_parse(command->metrics, strlen(command->metrics), command->name, NULL);
    json_object *value = vt_monitor_call(monitor, command->name, arguments, error);
    bool waits = !value && vt_monitor_waits(monitor);

    json_object_put(arguments);
    if (value) {
        append_name(name, g_str_has_prefix(command->name, "query-") ? command->name + strlen("query-") : command->name);
        add_value(metrics, name->str, labels, value);
        json_object_put(value);
    } else if (!waits) {
        g_clear_error(error);
    }
    return !waits;
}

/* ---- the process --------------------------------------------------------------------------------------- */

/* Resident memory in bytes; 0: unknown. */
static unsigned long
resident(void)
{
    size_t len;
    g_autofree char *text = vt_file_read("/proc/self/statm", 4096, &len, NULL);
    unsigned long size, pages;

    return text && sscanf(text, "%lu %lu", &size, &pages) == 2 ? pages * (unsigned long)sysconf(_SC_PAGESIZE) : 0;
}

/* The names are those of Prometheus' own libraries. */
static void
add_process(GString *out)
{
    struct rusage usage = {0};
    char seconds[G_ASCII_DTOSTR_BUF_SIZE];

    getrusage(RUSAGE_SELF, &usage);
    g_ascii_dtostr(seconds, sizeof seconds,
                   (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    g_string_append_printf(out,
                           "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total %s\n"
                           "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes %lu\n",
                           seconds, resident());
}

bool
vt_metrics_append(VtMonitor *monitor, GString *out, GError **error)
{
    const VtProgram *program = vt_monitor_service(monitor)->program;
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)metric_free);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    Metrics metrics = {list, by_name};

    for (uint32_t i = 0; i < program->n_commands; i++) {
        if (program->commands[i].metrics && !add_command(&metrics, monitor, &program->commands[i], error)) {
            return false;
        }
    }
    for (guint i = 0; i < list->len; i++) {
        const Metric *metric = list->pdata[i];

        g_string_append_printf(out, "# TYPE %s untyped\n%s", metric->name, metric->samples->str);
    }
    add_process(out);
    return true;
}
