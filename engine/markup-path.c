/* SPDX-License-Identifier: MIT */
/*
 * Paths in a tree of XML.
 */
#include <string.h>

#include "markup.h"

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
            attribute->used |= use && !attribute->secret;
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
