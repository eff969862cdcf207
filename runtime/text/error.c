/* SPDX-License-Identifier: MIT */
#include "vt-runtime/error.h"

#include <string.h>

#include <json-c/json.h>

#define WORD_MAX     64 /* longer words get no suggestion */
#define COMPARED_MAX 1024

/* ---- data of errors ------------------------------------------------------------------------------------ */

/* What GLib keeps before each GError of the domain. */
typedef struct Extra {
    json_object *data; /* NULL: none */
} Extra;

#define UNIT       (2 * sizeof(gsize)) /* GLib rounds the size up to it: see G_DEFINE_EXTENDED_ERROR() */
#define EXTRA_SIZE ((sizeof(Extra) + UNIT - 1) / UNIT * UNIT)

static Extra *
extra_of(GError *error)
{
    return (Extra *)(void *)((char *)error - EXTRA_SIZE);
}

static const Extra *
const_extra_of(const GError *error)
{
    return (const Extra *)(const void *)((const char *)error - EXTRA_SIZE);
}

static void
init_extra(GError *error)
{
    extra_of(error)->data = NULL;
}

static void
copy_extra(const GError *from, GError *to)
{
    extra_of(to)->data = json_object_get(const_extra_of(from)->data);
}

static void
clear_extra(GError *error)
{
    json_object_put(extra_of(error)->data);
}

GQuark
vt_error_quark(void)
{
    static gsize quark;

    if (g_once_init_enter(&quark)) {
        g_once_init_leave(&quark, g_error_domain_register_static("vt-error-quark", sizeof(Extra), init_extra,
                                                                 copy_extra, clear_extra));
    }
    return (GQuark)quark;
}

void
vt_error_set_data(GError *error, json_object *data)
{
    Extra *extra = extra_of(error);

    g_assert(error->domain == VT_ERROR);
    json_object_put(extra->data);
    extra->data = data;
}

json_object *
vt_error_data(const GError *error)
{
    return error && error->domain == VT_ERROR ? const_extra_of(error)->data : NULL;
}

/* ---- classes ------------------------------------------------------------------------------------------- */

static const char *const class_names[] = {
    [VT_ERROR_GENERIC] = "GenericError",
    [VT_ERROR_COMMAND_NOT_FOUND] = "CommandNotFound",
    [VT_ERROR_DEVICE_NOT_FOUND] = "DeviceNotFound",
    [VT_ERROR_DEVICE_NOT_ACTIVE] = "DeviceNotActive",
    [VT_ERROR_KVM_MISSING_CAP] = "KVMMissingCap",
};

const char *
vt_error_class(const GError *error)
{
    return class_names[error && error->domain == VT_ERROR ? error->code : VT_ERROR_GENERIC];
}

VtError
vt_error_code(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(class_names); i++) {
        if (g_strcmp0(class_names[i], name) == 0) {
            return i;
        }
    }
    return VT_ERROR_GENERIC;
}

/* Escapes control characters: a message is one line, whatever it quotes. */
static char *
one_line(char *text)
{
    GString *line;
    char *p = text;

    while (*p && !g_ascii_iscntrl(*p)) {
        p++;
    }
    if (!*p) {
        return text;
    }
    line = g_string_new_len(text, p - text);
    for (; *p; p++) {
        if (!g_ascii_iscntrl(*p)) {
            g_string_append_c(line, *p);
        } else if (*p == '\n') {
            g_string_append(line, "\\n");
        } else {
            g_string_append_printf(line, "\\x%02x", (guint8)*p);
        }
    }
    g_free(text);
    return g_string_free(line, FALSE);
}

bool(vt_error_set)(GError **error, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list ap;

    if (error) {
        va_start(ap, format);
        message = one_line(vt_hide_passwords(g_strdup_vprintf(format, ap)));
        va_end(ap);
        g_set_error_literal(error, VT_ERROR, VT_ERROR_GENERIC, message);
    }
    return false;
}

static bool
has_line(const char *text, const char *line)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", 0);

    return g_strv_contains((const char *const *)lines, line);
}

void
vt_error_add(GError **errors, GError *error)
{
    if (!*errors) {
        *errors = error;
        return;
    }
    if (!has_line((*errors)->message, error->message)) {
        char *text = g_strconcat((*errors)->message, "\n", error->message, NULL);

        g_free((*errors)->message);
        (*errors)->message = text;
    }
    g_error_free(error);
}

static char
fold(char c)
{
    return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The set of the characters of @s, folded, in 64 bits. */
static uint64_t
characters(const char *s, size_t len)
{
    uint64_t set = 0;

    for (size_t i = 0; i < len; i++) {
        set |= UINT64_C(1) << (fold(s[i]) & 63);
    }
    return set;
}

/* Each character that only one of two words has takes an edit, so most names need no table of distances. */
static bool
may_be_near(uint64_t a, uint64_t b, size_t limit)
{
    return (size_t)MAX(__builtin_popcountll(a & ~b), __builtin_popcountll(b & ~a)) <= limit;
}

/*
 * Returns the Damerau-Levenshtein distance (with adjacent swaps), or a value above @limit if the distance exceeds it.
 */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len, size_t limit)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= b_len; j++) {
        above[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t *oldest = before, best;

        row[0] = best = i;
        for (size_t j = 1; j <= b_len; j++) {
            bool same = fold(a[i - 1]) == fold(b[j - 1]);
            size_t cost = MIN(MIN(above[j], row[j - 1]) + 1, above[j - 1] + !same);

            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1])) {
                cost = MIN(cost, before[j - 2] + 1);
            }
            row[j] = cost;
            best = MIN(best, cost);
        }
        if (best > limit) {
            return limit + 1;
        }
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_len];
}

const char *
vt_nearest(const char *word, const char *const *names)
{
    size_t len = strlen(word), limit = MAX(len / 3, 1);
    uint64_t set = characters(word, MIN(len, WORD_MAX));
    const char *nearest = NULL, *compared[COMPARED_MAX] = {NULL};

    if (len > WORD_MAX || len < 2) {
        return NULL;
    }
    for (; *names; names++) {
        /* A list of the members of many classes has those of their parents very often. */
        const char **last = &compared[(uintptr_t)*names / 2 % COMPARED_MAX];
        size_t name_len, d;

        if (*last == *names) {
            continue;
        }
        *last = *names;
        name_len = strlen(*names);
        if (name_len > WORD_MAX || name_len > len + limit || len > name_len + limit ||
            !may_be_near(set, characters(*names, name_len), limit)) {
            continue;
        }
        d = distance(word, len, *names, name_len, limit);
        if (d <= limit) {
            nearest = *names;
            if (d == 0) {
                break;
            }
            limit = d - 1;
        }
    }
    return nearest;
}
