/* SPDX-License-Identifier: MIT */
/*
 * Domains of libvirt as options of QEMU.
 */
#include "libvirt.h"

#include <string.h>

#include "vt-engine/import.h"
#include "vt-runtime/error.h"

#define COUNT     "{#count}"
#define COUNT_MAX 4096
#define KIB       1024
#define VNC_PORT  5900 /* of display 0 */

typedef struct Domain {
    EngineElement *root;
    GPtrArray *words; /* of strings */
} Domain;

/* ---- values -------------------------------------------------------------------------------------------- */

typedef struct Unit {
    const char *name;
    guint64 bytes;
} Unit;

/* The number of bytes that @value means, by the unit of @owner. */
static guint64
bytes_of(const char *value, EngineElement *owner)
{
    static const Unit units[] = {
        {"b", 1},         {"bytes", 1},     {"byte", 1},           {"KB", 1000},      {"k", 1 << 10},
        {"KiB", 1 << 10}, {"MB", 1000000},  {"M", 1 << 20},        {"MiB", 1 << 20},  {"GB", 1000000000},
        {"G", 1 << 30},   {"GiB", 1 << 30}, {"TB", 1000000000000}, {"T", 1ULL << 40}, {"TiB", 1ULL << 40}};
    const char *name = engine_markup_value(owner, "@unit", true, NULL);
    guint64 number = g_ascii_strtoull(value, NULL, 10);

    for (unsigned i = 0; name && i < G_N_ELEMENTS(units); i++) {
        if (strcmp(name, units[i].name) == 0) {
            return number * units[i].bytes;
        }
    }
    return number * KIB;
}

static const char *
mapped(const char *map, const char *value)
{
    for (const LibvirtMap *one = engine_libvirt_maps; one->map; one++) {
        if (strcmp(one->map, map) == 0 && g_pattern_match_simple(one->from, value)) {
            return one->to;
        }
    }
    return NULL;
}

/* @value with commas doubled, or after the filter. NULL: the map does not have it. The caller frees it. */
static char *
filtered(const char *value, const char *filter, EngineElement *owner)
{
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);

    if (!filter) {
        return g_strjoinv(",,", parts);
    }
    if (strcmp(filter, "text") == 0) {
        return g_strdup(value);
    }
    if (strcmp(filter, "hex") == 0) {
        return g_strdup(g_str_has_prefix(value, "0x") ? value + 2 : value);
    }
    if (strcmp(filter, "dec") == 0) {
        return g_strdup_printf("%" G_GUINT64_FORMAT, g_ascii_strtoull(value, NULL, 0));
    }
    if (strcmp(filter, "kib") == 0 || strcmp(filter, "bytes") == 0) {
        return g_strdup_printf("%" G_GUINT64_FORMAT, bytes_of(value, owner) / (filter[0] == 'k' ? KIB : 1));
    }
    if (strcmp(filter, "mib") == 0) {
        return g_strdup_printf("%" G_GUINT64_FORMAT, bytes_of(value, owner) / KIB / KIB);
    }
    if (strcmp(filter, "head") == 0) {
        return g_strndup(value, strcspn(value, "/"));
    }
    if (strcmp(filter, "tail") == 0) {
        return strchr(value, '/') ? g_strdup(strchr(value, '/') + 1) : NULL;
    }
    if (strcmp(filter, "vnc") == 0) {
        gint64 display = g_ascii_strtoll(value, NULL, 10) - VNC_PORT;

        return display >= 0 ? g_strdup_printf("%" G_GINT64_FORMAT, display) : NULL;
    }
    if (g_str_has_prefix(filter, "list:")) {
        g_autofree char *between = g_strdup_printf(",%s=", filter + strlen("list:"));

        return g_strjoinv(between, parts);
    }
    return g_strdup(mapped(filter, value));
}

/* ---- texts --------------------------------------------------------------------------------------------- */

static bool expand(EngineElement *element, const char *text, size_t len, unsigned count, GString *out);

/* The end of the part that the bracket @open at @text begins. */
static const char *
end_of_part(const char *text, char open, char close)
{
    unsigned depth = 0;

    do {
        depth += *text == open;
        depth -= *text == close;
        text++;
    } while (depth);
    return text - 1;
}

/* Appends the value that is between braces. */
static bool
append_value(EngineElement *element, const char *text, size_t len, unsigned count, GString *out)
{
    g_autofree char *all = g_strndup(text, len);
    char *otherwise = strchr(all, '?'), *filter;
    EngineElement *owner = element;
    g_autofree char *result = NULL;
    const char *value;

    if (strcmp(all, "#") == 0 || strcmp(all, "../#") == 0) {
        g_string_append_printf(out, "%u", engine_markup_index(all[0] == '#' ? element : element->parent));
        return true;
    }
    if (strcmp(all, "#name") == 0) {
        g_string_append(out, element->name);
        return true;
    }
    if (strcmp(all, "#count") == 0) {
        g_string_append_printf(out, "%u", count);
        return true;
    }
    if (otherwise) {
        *otherwise++ = '\0';
    }
    filter = strrchr(all, '|');
    /* A condition may have the sign, too. */
    if (filter && strchr(filter, ']')) {
        filter = NULL;
    }
    if (filter) {
        *filter++ = '\0';
    }
    value = engine_markup_value(element, all, true, &owner);
    result = value && *value ? filtered(value, filter, owner) : NULL;
    if (result) {
        g_string_append(out, result);
    }
    return result || (otherwise && expand(element, otherwise, strlen(otherwise), count, out));
}

/* Appends the part that is between brackets, if it has all its values. */
static void
append_optional(EngineElement *element, const char *text, size_t len, unsigned count, GString *out)
{
    g_autoptr(GString) part = g_string_new(NULL);

    if (*text == '?' || *text == '!') {
        size_t guard = strcspn(text, " ");
        g_autofree char *path = g_strndup(text + 1, guard - 1);
        bool exists = engine_markup_value(element, path, true, NULL);

        if (exists != (*text == '?')) {
            return;
        }
        text += guard + 1;
        len -= guard + 1;
    }
    if (expand(element, text, len, count, part)) {
        g_string_append_len(out, part->str, (gssize)part->len);
    }
}

static const char *
snippet(const char *name, size_t len)
{
    const LibvirtSnippet *one = engine_libvirt_snippets;

    while (strncmp(one->name, name, len) != 0 || one->name[len]) {
        one++;
    }
    return one->text;
}

/* Appends the text of a rule. Returns false if a value does not exist. */
static bool
expand(EngineElement *element, const char *text, size_t len, unsigned count, GString *out)
{
    for (const char *end = text + len; text < end; text++) {
        const char *close;
        bool ok = true;

        switch (*text) {
        case '{':
            close = end_of_part(text, '{', '}');
            ok = append_value(element, text + 1, close - text - 1, count, out);
            break;
        case '[':
            close = end_of_part(text, '[', ']');
            append_optional(element, text + 1, close - text - 1, count, out);
            break;
        case '$':
            close = strchr(text + 1, '$');
            ok = expand(element, snippet(text + 1, close - text - 1), strlen(snippet(text + 1, close - text - 1)),
                        count, out);
            break;
        default:
            close = text;
            g_string_append_c(out, *text);
        }
        if (!ok) {
            return false;
        }
        text = close;
    }
    return true;
}

/* ---- rules --------------------------------------------------------------------------------------------- */

/* Appends @text to the value of the last option @name; without one, adds it. */
static void
continue_option(Domain *domain, const char *name, const char *text)
{
    for (guint i = domain->words->len; i-- > 0;) {
        const char *word = domain->words->pdata[i];

        if (word[0] == '-' && strcmp(word + 1, name) == 0) {
            char *longer = g_strconcat(domain->words->pdata[i + 1], text, NULL);

            g_free(domain->words->pdata[i + 1]);
            domain->words->pdata[i + 1] = longer;
            return;
        }
    }
    g_ptr_array_add(domain->words, g_strconcat("-", name, NULL));
    g_ptr_array_add(domain->words, g_strdup(text + strspn(text, ",")));
}

static void
emit(Domain *domain, const LibvirtRule *rule, EngineElement *element, unsigned count)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (rule->option && rule->text && !expand(element, rule->text, strlen(rule->text), count, text)) {
        return;
    }
    engine_markup_use(element, rule->at);
    if (!rule->option && rule->text) {
        engine_markup_use_all(element);
    } else if (!rule->option) {
        element->text_used = true;
    } else if (rule->option[0] == '=') {
        engine_markup_set(element, rule->option + 1, text->str);
    } else if (rule->option[0] == '+') {
        continue_option(domain, rule->option + 1, text->str);
    } else {
        if (*rule->option) {
            g_ptr_array_add(domain->words, g_strconcat("-", rule->option, NULL));
        }
        if (rule->text) {
            g_ptr_array_add(domain->words, g_strdup(text->str));
        }
    }
}

static void
apply(Domain *domain, const LibvirtRule *rule)
{
    g_autoptr(GPtrArray) found = engine_markup_find(domain->root, rule->at);
    bool counts = rule->text && strstr(rule->text, COUNT);

    for (guint i = 0; i < found->len; i++) {
        EngineElement *element = found->pdata[i];
        guint64 n = counts ? g_ascii_strtoull(element->text->str, NULL, 10) : 1;

        for (guint64 count = 1; count <= MIN(n, COUNT_MAX); count++) {
            emit(domain, rule, element, (unsigned)count);
        }
        element->text_used |= counts;
    }
}

char **
vt_engine_words_of_domain(const char *text, size_t len, GPtrArray *left, GError **error)
{
    Domain domain = {engine_markup_parse(text, len, error), NULL};

    if (!domain.root) {
        return NULL;
    }
    if (strcmp(domain.root->name, "domain") != 0) {
        vt_error_set(error, "expected the element 'domain', got '%s'", domain.root->name);
        engine_markup_free(domain.root);
        return NULL;
    }
    domain.words = g_ptr_array_new_with_free_func(g_free);
    for (const LibvirtRule *rule = engine_libvirt_domain; rule->at; rule++) {
        apply(&domain, rule);
    }
    for (const LibvirtRule *rule = engine_libvirt_devices; rule->at; rule++) {
        apply(&domain, rule);
    }
    engine_markup_unused(domain.root, left);
    engine_markup_free(domain.root);
    g_ptr_array_add(domain.words, NULL);
    return (char **)g_ptr_array_free(domain.words, FALSE);
}
