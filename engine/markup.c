/* SPDX-License-Identifier: MIT */
#include "markup.h"

#include <string.h>

#include "vt-runtime/error.h"

#define DEPTH_MAX 64
/* An attribute with a secret: it is never used up, so that it is reported as left out, and its value is never quoted.
 */
#define SECRET "passwd"

/* ---- the tree ------------------------------------------------------------------------------------------ */

static void
clear_attribute(void *opaque)
{
    EngineAttribute *attribute = opaque;

    g_free(attribute->name);
    g_free(attribute->value);
}

static void
free_element(void *opaque)
{
    engine_markup_free(opaque);
}

void
engine_markup_free(EngineElement *root)
{
    if (root) {
        g_free(root->name);
        g_string_free(root->text, TRUE);
        g_array_unref(root->attributes);
        g_ptr_array_unref(root->children);
        g_free(root);
    }
}

static EngineElement *
new_element(const char *name, EngineElement *parent)
{
    EngineElement *element = g_new0(EngineElement, 1);

    element->name = g_strdup(name);
    element->text = g_string_new(NULL);
    element->attributes = g_array_new(FALSE, FALSE, sizeof(EngineAttribute));
    g_array_set_clear_func(element->attributes, clear_attribute);
    element->children = g_ptr_array_new_with_free_func(free_element);
    element->parent = parent;
    if (parent) {
        g_ptr_array_add(parent->children, element);
    }
    return element;
}

static void
add_attribute(EngineElement *element, const char *name, const char *value)
{
    EngineAttribute attribute = {g_strdup(name), g_strdup(value), false};

    g_array_append_val(element->attributes, attribute);
}

static bool
is_secret(const EngineAttribute *attribute)
{
    return strcmp(attribute->name, SECRET) == 0;
}

/* ---- parser -------------------------------------------------------------------------------------------- */

typedef struct Parser {
    EngineElement *root, *current;
    unsigned depth;
} Parser;

static void
on_start(G_GNUC_UNUSED GMarkupParseContext *context, const char *name, const char **names, const char **values,
         gpointer opaque, GError **error)
{
    Parser *parser = opaque;

    if (parser->depth >= DEPTH_MAX) {
        vt_error_set(error, "more than %d elements within each other", DEPTH_MAX);
        return;
    }
    parser->depth++;
    parser->current = new_element(name, parser->current);
    parser->root = parser->root ? parser->root : parser->current;
    for (; *names; names++, values++) {
        add_attribute(parser->current, *names, *values);
    }
}

static void
on_end(G_GNUC_UNUSED GMarkupParseContext *context, G_GNUC_UNUSED const char *name, gpointer opaque,
       G_GNUC_UNUSED GError **error)
{
    Parser *parser = opaque;
    GString *text = parser->current->text;
    g_autofree char *own = g_strstrip(g_strdup(text->str));

    g_string_assign(text, own);
    parser->current = parser->current->parent;
    parser->depth--;
}

static void
on_text(G_GNUC_UNUSED GMarkupParseContext *context, const char *text, gsize len, gpointer opaque,
        G_GNUC_UNUSED GError **error)
{
    Parser *parser = opaque;

    if (parser->current) {
        g_string_append_len(parser->current->text, text, (gssize)len);
    }
}

EngineElement *
engine_markup_parse(const char *text, size_t len, GError **error)
{
    static const GMarkupParser functions = {.start_element = on_start, .end_element = on_end, .text = on_text};
    Parser parser = {NULL};
    GMarkupParseContext *context = g_markup_parse_context_new(&functions, G_MARKUP_TREAT_CDATA_AS_TEXT, &parser, NULL);
    g_autoptr(GError) failure = NULL;
    bool ok = g_markup_parse_context_parse(context, text, (gssize)len, &failure) &&
              g_markup_parse_context_end_parse(context, &failure);

    g_markup_parse_context_free(context);
    if (!ok) {
        engine_markup_free(parser.root);
        vt_error_set(error, "%s", failure->message);
        return NULL;
    }
    return parser.root;
}

/* ---- paths --------------------------------------------------------------------------------------------- */

/* The end of the step at @path: a slash or the end of the text, outside of conditions. */
static const char *
end_of_step(const char *path)
{
    unsigned depth = 0;

    for (; *path && (depth || *path != '/'); path++) {
        depth += *path == '[';
        depth -= *path == ']';
    }
    return path;
}

/* Whether @text is one of the patterns between '|' in @patterns. */
static bool
matches_one(const char *text, const char *patterns)
{
    g_auto(GStrv) all = g_strsplit(patterns, "|", -1);
    char *end, *other_end;
    guint64 number = g_ascii_strtoull(text, &end, 0);

    for (char **one = all; *one; one++) {
        guint64 other = g_ascii_strtoull(*one, &other_end, 0);

        if (g_pattern_match_simple(*one, text) || (*text && !*end && **one && !*other_end && number == other)) {
            return true;
        }
    }
    return false;
}

static bool
name_matches(const char *name, const char *step, size_t len)
{
    g_autofree char *own = step[0] == '(' ? g_strndup(step + 1, len - 2) : g_strndup(step, len);

    return matches_one(name, own);
}

/* The first equals sign that is not part of a condition within; NULL: there is none. */
static const char *
equals_of(const char *condition)
{
    unsigned depth = 0;

    for (; *condition; condition++) {
        depth += *condition == '[';
        depth -= *condition == ']';
        if (*condition == '=' && !depth) {
            return condition;
        }
    }
    return NULL;
}

/* Whether the condition between the brackets holds. */
static bool
holds(EngineElement *element, const char *condition, bool use)
{
    bool negated = condition[0] == '!';
    const char *start = condition + negated, *equals = equals_of(start);
    bool differs = equals && equals > start && equals[-1] == '!';
    g_autofree char *path = equals ? g_strndup(start, equals - start - differs) : g_strdup(start);
    const char *value = engine_markup_value(element, path, use, NULL);
    bool same = value && (!equals || matches_one(value, equals + 1));

    return same != (negated || differs);
}

/* Whether @element has the name and the conditions of the step, which ends at @end. */
static bool
step_matches(EngineElement *element, const char *step, const char *end, bool use)
{
    const char *bracket = memchr(step, '[', end - step), *at = bracket ? bracket : end;

    if (!name_matches(element->name, step, at - step) && (at - step != 1 || *step != '.')) {
        return false;
    }
    while (at < end) {
        unsigned depth = 1;
        const char *start = ++at;
        g_autofree char *condition = NULL;

        for (; depth; at++) {
            depth += *at == '[';
            depth -= *at == ']';
        }
        condition = g_strndup(start, at - start - 1);
        if (!holds(element, condition, use)) {
            return false;
        }
    }
    return true;
}

static EngineElement *
root_of(EngineElement *element)
{
    while (element->parent) {
        element = element->parent;
    }
    return element;
}

static const char *
attribute_of(EngineElement *element, const char *name, bool use)
{
    for (guint i = 0; i < element->attributes->len; i++) {
        EngineAttribute *attribute = &g_array_index(element->attributes, EngineAttribute, i);

        if (strcmp(attribute->name, name) == 0) {
            attribute->used |= use && !is_secret(attribute);
            return attribute->value;
        }
    }
    return NULL;
}

const char *
engine_markup_value(EngineElement *element, const char *path, bool use, EngineElement **ret_owner)
{
    const char *end, *value = NULL;

    if (*path == '/') {
        element = root_of(element);
        path++;
    }
    end = end_of_step(path);
    if (path[0] == '@') {
        value = attribute_of(element, path + 1, use);
    } else if (g_str_has_prefix(path, "..")) {
        return element->parent ? engine_markup_value(element->parent, *end ? end + 1 : end, use, ret_owner) : NULL;
    } else if (!*path || strcmp(path, ".") == 0) {
        value = element->text->str;
        element->text_used |= use;
    } else if (*path == '.') {
        return step_matches(element, path, end, use)
                   ? engine_markup_value(element, *end ? end + 1 : end, use, ret_owner)
                   : NULL;
    } else {
        for (guint i = 0; i < element->children->len && !value; i++) {
            EngineElement *child = element->children->pdata[i];

            value = step_matches(child, path, end, false)
                        ? engine_markup_value(child, *end ? end + 1 : end, use, ret_owner)
                        : NULL;
            if (value && use) {
                child->used = true;
                step_matches(child, path, end, true);
            }
        }
        return value;
    }
    if (value && ret_owner) {
        *ret_owner = element;
    }
    element->used |= use && value;
    return value;
}

static void
find(EngineElement *element, const char *path, GPtrArray *found)
{
    const char *end = end_of_step(path);

    if (*path == '.') {
        if (step_matches(element, path, end, false)) {
            if (*end) {
                find(element, end + 1, found);
            } else {
                g_ptr_array_add(found, element);
            }
        }
        return;
    }
    for (guint i = 0; i < element->children->len; i++) {
        EngineElement *child = element->children->pdata[i];

        if (!step_matches(child, path, end, false)) {
            continue;
        }
        if (*end) {
            find(child, end + 1, found);
        } else {
            g_ptr_array_add(found, child);
        }
    }
}

GPtrArray *
engine_markup_find(EngineElement *element, const char *path)
{
    GPtrArray *found = g_ptr_array_new();

    find(element, path, found);
    return found;
}

void
engine_markup_use(EngineElement *element, const char *path)
{
    const char *last = path;

    for (const char *end = end_of_step(path); *end; end = end_of_step(last)) {
        last = end + 1;
    }
    step_matches(element, last, last + strlen(last), true);
    for (; element; element = element->parent) {
        element->used = true;
    }
}

void
engine_markup_use_all(EngineElement *element)
{
    element->used = element->text_used = true;
    for (guint i = 0; i < element->attributes->len; i++) {
        g_array_index(element->attributes, EngineAttribute, i).used = true;
    }
    for (guint i = 0; i < element->children->len; i++) {
        engine_markup_use_all(element->children->pdata[i]);
    }
}

unsigned
engine_markup_index(const EngineElement *element)
{
    unsigned n = 0;

    for (guint i = 0; element->parent && element->parent->children->pdata[i] != element; i++) {
        n += strcmp(((EngineElement *)element->parent->children->pdata[i])->name, element->name) == 0;
    }
    return n;
}

void
engine_markup_set(EngineElement *element, const char *path, const char *value)
{
    const char *end = end_of_step(path);
    g_autofree char *step = g_strndup(path, end - path);
    EngineElement *child = NULL;

    if (*path == '@') {
        add_attribute(element, path + 1, value);
        g_array_index(element->attributes, EngineAttribute, element->attributes->len - 1).used = true;
        return;
    }
    for (guint i = 0; i < element->children->len && !child; i++) {
        EngineElement *one = element->children->pdata[i];

        child = strcmp(one->name, step) == 0 ? one : NULL;
    }
    if (!child) {
        child = new_element(step, element);
        child->used = child->text_used = true;
    }
    if (*end) {
        engine_markup_set(child, end + 1, value);
    } else {
        g_string_assign(child->text, value);
    }
}

/* ---- what is not used ---------------------------------------------------------------------------------- */

/* The path of @element below the root; the number stands for several of one name. The caller frees it. */
static char *
path_of(const EngineElement *element)
{
    g_autofree char *above = NULL;
    unsigned index = engine_markup_index(element);

    if (!element->parent) {
        return g_strdup("");
    }
    above = path_of(element->parent);
    return index ? g_strdup_printf("%s%s%s[%u]", above, *above ? "/" : "", element->name, index)
                 : g_strdup_printf("%s%s%s", above, *above ? "/" : "", element->name);
}

static void
append_attribute(GString *line, const char *before, const EngineAttribute *attribute)
{
    g_string_append_printf(line, "%s%s", before, attribute->name);
    if (!is_secret(attribute)) {
        g_string_append_printf(line, "='%s'", attribute->value);
    }
}

void
engine_markup_unused(EngineElement *root, GPtrArray *lines)
{
    g_autofree char *path = path_of(root);

    if (!root->used) {
        g_autoptr(GString) line = g_string_new(path);

        for (guint i = 0; i < root->attributes->len; i++) {
            const EngineAttribute *attribute = &g_array_index(root->attributes, EngineAttribute, i);

            append_attribute(line, " ", attribute);
        }
        g_ptr_array_add(lines, g_string_free(g_steal_pointer(&line), FALSE));
        return;
    }
    for (guint i = 0; i < root->attributes->len; i++) {
        const EngineAttribute *attribute = &g_array_index(root->attributes, EngineAttribute, i);

        if (!attribute->used && !g_str_has_prefix(attribute->name, "xmlns")) {
            g_autoptr(GString) line = g_string_new(path);

            append_attribute(line, "/@", attribute);
            g_ptr_array_add(lines, g_string_free(g_steal_pointer(&line), FALSE));
        }
    }
    if (root->text->len && !root->text_used) {
        g_ptr_array_add(lines, g_strdup_printf("%s: '%s'", path, root->text->str));
    }
    for (guint i = 0; i < root->children->len; i++) {
        engine_markup_unused(root->children->pdata[i], lines);
    }
}
