/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>

#include "tool-diff-output.h"

/* Colours of the reader's scheme.  On a narrow screen each cell has its own line. */
#define STYLE                                                                                                          \
    ":root{color-scheme:light dark}"                                                                                   \
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}"       \
    "table{border-collapse:collapse;width:100%;margin:0 0 1.5rem}"                                                     \
    "th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #8886}"                      \
    "code{font:.9em ui-monospace,monospace}del{text-decoration:none;opacity:.7}ins{text-decoration:none;"              \
    "font-weight:600}.why{display:block;opacity:.8}input{font:inherit;width:100%;max-width:24rem;padding:.3rem}"       \
    "@media(max-width:40rem){thead{display:none}tr,td{display:block;border:0;padding:.1rem 0}"                         \
    "tr{border-bottom:1px solid #8886;padding:.5rem 0}}"

/* Hides the rows that lack the text. */
#define SCRIPT                                                                                                         \
    "document.querySelector('input').addEventListener('input',e=>{const t=e.target.value.toLowerCase();"               \
    "document.querySelectorAll('tbody tr').forEach(r=>{r.hidden=!r.textContent.toLowerCase().includes(t)})})"

/* Prints with each text escaped. */
static void put(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void
put(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_markup_vprintf_escaped(format, args);
    va_end(args);
    fputs(text, stdout);
}

static void
put_objects(const DiffGroup *group, const DiffSides *sides)
{
    guint n = group->keys->len;

    if (n > 1) {
        put("<details><summary>%u %s</summary>", n, sides->classes ? "types" : "objects");
    }
    for (guint i = 0; i < n; i++) {
        put("%s<code>%s</code>", i ? ", " : "", (const char *)group->keys->pdata[i]);
    }
    fputs(n > 1 ? "</details>" : "", stdout);
}

static void
put_row(const DiffGroup *group, const DiffSides *sides)
{
    const VtDiff *change = group->first;
    g_autofree char *from = diff_value_text(change, change->from), *to = diff_value_text(change, change->to);

    put("<tr><td><code>%s</code></td><td><del><code>%s</code></del> → <ins><code>%s</code></ins></td><td>%s</td><td>",
        change->property ? change->property : "(object)", from, to, change->since ? change->since : "");
    put_objects(group, sides);
    if (change->why && *change->why) {
        put("<span class=\"why\">%s</span>", change->why);
    }
    if (change->erratum) {
        put("<span class=\"why\">%s: %s</span>", from, change->erratum);
    }
    if (change->file && *change->file) {
        put("<span class=\"why\"><code>%s:%u</code></span>", change->file, change->line);
    }
    puts("</td></tr>");
}

static void
put_section(const GArray *groups, const DiffSides *sides, bool guest)
{
    guint n = 0;

    for (guint i = 0; i < groups->len; i++) {
        const DiffGroup *group = &g_array_index(groups, DiffGroup, i);

        if (group->first->guest != guest) {
            continue;
        }
        if (!n++) {
            printf(
                "<h2>%s</h2>\n<table><thead><tr><th>Property</th><th>Value</th><th>Since</th><th>Of</th></tr></thead>"
                "<tbody>\n",
                guest ? "The guest sees" : "The guest does not see");
        }
        put_row(group, sides);
    }
    puts(n ? "</tbody></table>" : "");
}

void
diff_print_html(const GArray *changes, const DiffSides *sides)
{
    g_autoptr(GArray) groups = diff_groups_new(changes);

    put("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>%s to %s</title>",
        sides->from, sides->to);
    fputs("<style>" STYLE "</style></head>\n<body>", stdout);
    put("<h1>%s to %s</h1><p>%u changes, by %u causes.</p>\n", sides->from, sides->to, changes->len, groups->len);
    puts("<p><input type=\"search\" placeholder=\"Filter\" aria-label=\"Filter\"></p>");
    put_section(groups, sides, true);
    put_section(groups, sides, false);
    puts("<script>" SCRIPT "</script></body></html>");
}
