/* SPDX-License-Identifier: MIT */
#include "tool-diff-output.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "tool-terminal.h"
#include "tool.h"

#define INDENT     2
#define GAP        2
#define VALUE_MOST 20 /* columns of a value on a terminal */
#define NAME_MOST  40 /* of a property */

enum { PROPERTY, FROM, TO, SINCE, N_COLUMNS };

typedef struct Printer {
    const DiffSides *sides;
    unsigned width; /* 0: no limit */
    unsigned columns[N_COLUMNS];
} Printer;

char *
diff_value_text(const VtDiff *change, json_object *value)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
    guint64 size = change->is_size && json_object_is_type(value, json_type_int) ? json_object_get_uint64(value) : 0;
    size_t unit = 0;

    while (size && size % 1024 == 0 && unit + 1 < G_N_ELEMENTS(units)) {
        size /= 1024;
        unit++;
    }
    return unit ? g_strdup_printf("%" G_GUINT64_FORMAT " %s", size, units[unit]) : tool_value_text(value);
}

/* ---- columns ------------------------------------------------------------------------------------------- */

/* @text, cut to @most columns; 0: no limit.  The caller frees it. */
static char *
cut(char *text, unsigned most)
{
    if (most && g_utf8_strlen(text, -1) > (glong)most) {
        g_autofree char *whole = text;
        g_autofree char *start = g_utf8_substring(whole, 0, (glong)most - 1);

        return g_strconcat(start, "…", NULL);
    }
    return text;
}

/* The cells of a group, up to where it applies. */
static void
cells_of(const Printer *printer, const DiffGroup *group, char *cells[N_COLUMNS])
{
    const VtDiff *change = group->first;
    unsigned value_most = printer->width ? VALUE_MOST : 0;

    cells[PROPERTY] = cut(g_strdup(change->property ? change->property : "(object)"), printer->width ? NAME_MOST : 0);
    cells[FROM] = cut(diff_value_text(change, change->from), value_most);
    cells[TO] = cut(diff_value_text(change, change->to), value_most);
    cells[SINCE] = g_strdup(change->since ? change->since : "");
}

static void
free_cells(char *cells[N_COLUMNS])
{
    for (size_t i = 0; i < N_COLUMNS; i++) {
        g_free(cells[i]);
    }
}

static void
measure(Printer *printer, const char *const cells[N_COLUMNS])
{
    for (size_t i = 0; i < N_COLUMNS; i++) {
        printer->columns[i] = MAX(printer->columns[i], (unsigned)g_utf8_strlen(cells[i], -1));
    }
}

/* The column after the cells. */
static unsigned
end_of_cells(const Printer *printer)
{
    unsigned at = INDENT;

    for (size_t i = 0; i < N_COLUMNS; i++) {
        at += printer->columns[i] + GAP;
    }
    return at;
}

/* Prints the cells, and blanks up to the column after them, but none at the end of a line. */
static void
print_cells(const Printer *printer, const char *const cells[N_COLUMNS], bool ends_line)
{
    printf("%*s", INDENT, "");
    for (size_t i = 0; i < N_COLUMNS; i++) {
        bool last = ends_line && i + 1 == N_COLUMNS;
        unsigned room = last ? 0 : printer->columns[i] + GAP - (unsigned)g_utf8_strlen(cells[i], -1);

        printf("%s%*s", cells[i], (int)room, "");
    }
}

/* ---- groups -------------------------------------------------------------------------------------------- */

/* The names, as many as @room columns hold; 0: all.  The caller frees the text. */
static char *
names_of(const Printer *printer, const DiffGroup *group, unsigned room)
{
    guint n = group->keys->len, shown = 0;
    GString *text = g_string_new(NULL);

    if (n > 1) {
        g_string_printf(text, "%u %s: ", n, printer->sides->classes ? "types" : "objects");
    }
    for (; shown < n; shown++) {
        const char *name = group->keys->pdata[shown];
        /* What follows if this name is the last one that fits. */
        g_autofree char *rest = shown + 1 < n ? g_strdup_printf(", +%u", n - shown - 1) : g_strdup("");

        if (shown && room && g_utf8_strlen(text->str, -1) + 2 + g_utf8_strlen(name, -1) + (glong)strlen(rest) > room) {
            break;
        }
        g_string_append_printf(text, "%s%s", shown ? ", " : "", name);
    }
    if (shown < n) {
        g_string_append_printf(text, ", +%u", n - shown);
    }
    return cut(g_string_free(text, FALSE), room);
}

/* Prints the cells and the names of a group, which have a line of their own if not all fit beside the cells. */
static void
print_group(const Printer *printer, const DiffGroup *group)
{
    g_autofree char *all = names_of(printer, group, 0);
    bool fits = !printer->width || end_of_cells(printer) + g_utf8_strlen(all, -1) <= printer->width;
    char *cells[N_COLUMNS];

    cells_of(printer, group, cells);
    print_cells(printer, (const char *const *)cells, !fits);
    free_cells(cells);
    if (fits) {
        puts(all);
    } else {
        g_autofree char *some = names_of(printer, group, MAX(printer->width, 8 * INDENT) - 2 * INDENT);

        printf("\n%*s%s\n", 2 * INDENT, "", some);
    }
}

/* Prints the words of @text from column 2 * INDENT on. */
static void
print_wrapped(const Printer *printer, const char *text)
{
    unsigned at = 0;
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    for (char **word = words; *word; word++) {
        unsigned len = (unsigned)g_utf8_strlen(*word, -1);

        if (at && printer->width && at + 1 + len > printer->width) {
            putchar('\n');
            at = 0;
        }
        at += (unsigned)printf("%*s", at ? 1 : 2 * INDENT, "") + len;
        fputs(*word, stdout);
    }
    putchar('\n');
}

static void
print_reason(const Printer *printer, const VtDiff *change)
{
    g_autofree char *position =
        change->file && change->file[0] ? g_strdup_printf("%s:%u", change->file, change->line) : g_strdup("");
    g_autofree char *old = diff_value_text(change, change->from);
    g_autofree char *erratum = change->erratum ? g_strdup_printf(" (%s: %s)", old, change->erratum) : g_strdup("");
    const char *why = change->why ? change->why : "";
    g_autofree char *text = g_strdup_printf("%s%s%s%s", why, erratum, *why && *position ? "; " : "", position);
    bool faint = terminal_has_color();

    if (*text) {
        fputs(faint ? "\033[2m" : "", stdout);
        print_wrapped(printer, text);
        fputs(faint ? "\033[0m" : "", stdout);
    }
}

void
diff_print_sections(const DiffSection *sections, size_t n, const DiffSides *sides)
{
    Printer printer = {.sides = sides, .width = terminal_width()};
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);

    for (size_t i = 0; i < n; i++) {
        GArray *groups = diff_groups_new(sections[i].changes);

        g_ptr_array_add(all, groups);
        for (guint j = 0; j < groups->len; j++) {
            char *cells[N_COLUMNS];

            cells_of(&printer, &g_array_index(groups, DiffGroup, j), cells);
            measure(&printer, (const char *const *)cells);
            free_cells(cells);
        }
    }
    for (size_t i = 0; i < n; i++) {
        const GArray *groups = all->pdata[i];

        if (groups->len && sections[i].title) {
            putchar('\n');
            tool_print_heading("%s", sections[i].title);
        }
        for (guint j = 0; j < groups->len; j++) {
            const DiffGroup *group = &g_array_index(groups, DiffGroup, j);

            print_group(&printer, group);
            print_reason(&printer, group->first);
        }
    }
}

void
diff_print_text(const GArray *changes, const DiffSides *sides)
{
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(VtDiff));
    g_autoptr(GArray) unseen = g_array_new(FALSE, FALSE, sizeof(VtDiff));
    const DiffSection sections[] = {{"The guest sees:", seen}, {"The guest does not see:", unseen}};
    g_autoptr(GArray) groups = diff_groups_new(changes);

    if (!changes->len) {
        printf("nothing changes from %s to %s\n", sides->from, sides->to);
        return;
    }
    for (guint i = 0; i < changes->len; i++) {
        const VtDiff *change = &g_array_index(changes, VtDiff, i);

        g_array_append_vals(change->guest ? seen : unseen, change, 1);
    }
    printf("%s to %s: %u %s, %u visible to the guest; %u %s\n", sides->from, sides->to, changes->len,
           changes->len == 1 ? "change" : "changes", seen->len, groups->len, groups->len == 1 ? "cause" : "causes");
    diff_print_sections(sections, G_N_ELEMENTS(sections), sides);
}
