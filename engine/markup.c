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
    EngineAttribute attribute = {.name = g_strdup(name), .value = g_strdup(value), .secret = strcmp(name, SECRET) == 0};

    g_array_append_val(element->attributes, attribute);
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
    const char *end = path + strcspn(path, "/");
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
    if (!attribute->secret) {
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
