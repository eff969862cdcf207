/* SPDX-License-Identifier: MIT */
/*
 * Output for terminals: aligned tables, headings, values as text.
 */
#include "tool.h"

#include <stdio.h>

#include "tool-terminal.h"

#include "vt-runtime/output.h"

struct ToolTable {
    guint n_columns;
    GPtrArray *cells; /* by rows, owned; the headers first */
};

ToolTable *
tool_table_new(const char *const *headers)
{
    ToolTable *table = g_new0(ToolTable, 1);

    table->cells = g_ptr_array_new_with_free_func(g_free);
    while (headers[table->n_columns]) {
        table->n_columns++;
    }
    tool_table_add(table, headers);
    return table;
}

void
tool_table_add(ToolTable *table, const char *const *cells)
{
    for (guint i = 0; i < table->n_columns; i++) {
        g_ptr_array_add(table->cells, g_strdup(cells[i] ? cells[i] : ""));
    }
}

void
tool_table_print(ToolTable *table, unsigned indent)
{
    g_autofree glong *widths = g_new0(glong, table->n_columns);
    guint n = table->cells->len;

    for (guint i = 0; i < n; i++) {
        glong width = g_utf8_strlen(g_ptr_array_index(table->cells, i), -1);

        widths[i % table->n_columns] = MAX(widths[i % table->n_columns], width);
    }
    for (guint row = 0; row < n; row += table->n_columns) {
        guint last = table->n_columns;
        const char *bold = row == 0 && terminal_has_color() ? "\033[2m" : "";

        /* Omits blanks at the end of a line. */
        while (last > 0 && !((char *)g_ptr_array_index(table->cells, row + last - 1))[0]) {
            last--;
        }
        printf("%*s%s", (int)indent, "", bold);
        for (guint i = 0; i < last; i++) {
            const char *cell = g_ptr_array_index(table->cells, row + i);

            fputs(cell, stdout);
            if (i + 1 < last) {
                printf("%*s", (int)(widths[i] - g_utf8_strlen(cell, -1) + 2), "");
            }
        }
        printf("%s\n", bold[0] ? "\033[0m" : "");
    }
    tool_table_free(table);
}

void
tool_table_free(ToolTable *table)
{
    g_ptr_array_unref(table->cells);
    g_free(table);
}

void
tool_print_heading(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    printf(terminal_has_color() ? "\033[1m%s\033[0m\n" : "%s\n", text);
}

void
tool_print_json(json_object *value)
{
    g_autofree char *text = vt_json_pretty(value);
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    fputs(valid, stdout);
    json_object_put(value);
}

char *
tool_value_text(json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return g_strdup("-");
    case json_type_boolean:
        return g_strdup(json_object_get_boolean(value) ? "on" : "off");
    case json_type_string:
        return json_object_get_string_len(value) ? g_strdup(json_object_get_string(value)) : g_strdup("''");
    default:
        return vt_json_text(value);
    }
}

void
tool_print_left_out(guint left_out, guint n)
{
    if (left_out) {
        printf("%u of %u properties have the defaults of the newest versions; --all prints them\n", left_out, n);
    }
}
