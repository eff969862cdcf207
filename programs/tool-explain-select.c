/* SPDX-License-Identifier: MIT */
#include "tool-explain-select.h"

#include <string.h>

#include "tool-classes.h"
#include "vt-runtime/error.h"

/* ---- machines ------------------------------------------------------------------------------------------ */

/* The family that @name, of @len bytes, names on @target (0: any); NULL: it names no machine. */
static const VtClassInfo *
family_of(const VtSchema *schema, const char *name, size_t len, uint16_t target)
{
    g_autofree char *text = g_strndup(name, len);
    VtMachineName machine = {NULL, 0, NULL};
    const VtClassInfo *family;

    vt_machine_find_for(schema, text, target, &machine, NULL);
    family = machine.family;
    vt_machine_name_clear(&machine);
    return family;
}

char *
explain_machine(const VtSchema *schema, const GPtrArray *words)
{
    for (guint i = 0; i < words->len; i++) {
        const char *word = words->pdata[i];

        /* Its property may follow, and its name may have dots. */
        for (size_t len = strlen(word); len; len--) {
            if ((!word[len] || word[len] == '.') && family_of(schema, word, len, 0)) {
                return g_strndup(word, len);
            }
        }
    }
    return NULL;
}

/* ---- one word ------------------------------------------------------------------------------------------ */

static bool
add_selection(GArray *selected, const VtEntryKey *entry, const VtClassInfo *class, const char *property, GError **error)
{
    const Selection selection = {entry, class, property};
    g_autofree const char **names = NULL;
    const char *nearest;

    if (!property || vt_class_prop(class, property, strlen(property))) {
        g_array_append_val(selected, selection);
        return true;
    }
    names = g_new0(const char *, class->n_props + 1);
    for (size_t i = 0; i < class->n_props; i++) {
        names[i] = class->props[i].name;
    }
    nearest = vt_nearest(property, names);
    return vt_error_set(error, "%s: '%s' has no property '%s'%s%s%s", entry ? entry->key : class->name, class->name,
                        property, nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

/* Whether @word is @key, or @key with a property. */
static bool
begins_with(const char *word, const char *key, const char **ret_property)
{
    size_t len = strlen(key);

    *ret_property = word[len] == '.' ? word + len + 1 : NULL;
    return strncmp(word, key, len) == 0 && (!word[len] || word[len] == '.');
}

static bool
select_object(GArray *objects, const char *word, GArray *selected, bool *ret_found, GError **error)
{
    const char *property;

    *ret_found = true;
    for (guint i = 0; i < objects->len; i++) {
        const VtEntryKey *entry = &g_array_index(objects, VtEntryKey, i);

        if (begins_with(word, entry->key, &property) ||
            (entry->key[0] == '/' && begins_with(word, entry->key + 1, &property))) {
            return add_selection(selected, entry, vt_object_class(entry->object), property, error);
        }
    }
    *ret_found = false;
    return true;
}

/* Selects the @objects that are of @class.  *ret_found: there are some. */
static bool
select_objects_of(GArray *objects, const VtClassInfo *class, const char *property, GArray *selected, bool *ret_found,
                  GError **error)
{
    for (guint i = 0; i < objects->len; i++) {
        const VtEntryKey *entry = &g_array_index(objects, VtEntryKey, i);

        if (vt_object_is_a(entry->object, class->name)) {
            *ret_found = true;
            if (!add_selection(selected, entry, vt_object_class(entry->object), property, error)) {
                return false;
            }
        }
    }
    return true;
}

/* The class of @classes that an option creates by @name on the target of @vm, or else one that exists there; NULL:
 * none. */
static const VtClassInfo *
preferred_class(const VtVm *vm, const GArray *classes, const char *name)
{
    VtContext *ctx = vt_vm_context(vm);
    const VtClassInfo *result = NULL;

    for (guint i = 0; i < classes->len; i++) {
        const VtClassInfo *class = g_array_index(classes, ToolNamed, i).class;

        if (!vt_class_exists(class, ctx)) {
            continue;
        }
        if (vt_schema_class_by_tag(class->schema, class->root, name) == class ||
            vt_schema_class_by_alias(class->schema, class->root, name, vt_context_target(ctx)) == class) {
            return class;
        }
        result = result ? result : class;
    }
    return result;
}

/* Selects the classes that the first @len bytes of @word name. */
static bool
select_by_name(const VtVm *vm, GArray *objects, const char *word, size_t len, GArray *selected, bool *ret_found,
               GError **error)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    const VtClassInfo *family = family_of(schema, word, len, vt_context_target(vt_vm_context(vm)));
    g_autofree char *name = g_strndup(word, len);
    g_autoptr(GArray) classes = tool_classes_named(schema, name);
    const char *property = word[len] ? word + len + 1 : NULL;

    const VtClassInfo *class;

    *ret_found = false;
    if (family && family != vt_context_machine(vt_vm_context(vm))->family) {
        return vt_error_set(error, "%s: the machine is '%s'; '--machine' states another", name,
                            vt_context_machine(vt_vm_context(vm))->name);
    }
    if (family) {
        return select_objects_of(objects, family, property, selected, ret_found, error);
    }
    for (guint i = 0; i < classes->len; i++) {
        class = g_array_index(classes, ToolNamed, i).class;
        if (!select_objects_of(objects, class, property, selected, ret_found, error)) {
            return false;
        }
    }
    class = *ret_found ? NULL : preferred_class(vm, classes, name);
    *ret_found |= class != NULL;
    return !class || add_selection(selected, NULL, class, property, error);
}

static bool
fail_unknown(const VtVm *vm, GArray *objects, const char *word, GError **error)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new(), words = g_ptr_array_new();
    g_autoptr(GArray) classes = NULL;
    g_autofree char *type = g_strndup(word, strcspn(word, "."));
    const char *nearest;

    for (guint i = 0; i < objects->len; i++) {
        g_ptr_array_add(keys, g_array_index(objects, VtEntryKey, i).key);
    }
    g_ptr_array_add(keys, NULL);
    nearest = vt_nearest(word, (const char *const *)keys->pdata);
    if (nearest) {
        return vt_error_set(error, "the VM has no object '%s'; did you mean '%s'?", word, nearest);
    }
    /* The error suggests a type. */
    g_ptr_array_add(words, type);
    if (!tool_classes_select(vt_context_schema(vt_vm_context(vm)), words, 0, &classes, error)) {
        g_prefix_error(error, "the VM has no such object: ");
        return false;
    }
    return vt_error_set(error, "the VM has no object '%s'", word);
}

static bool
select_word(const VtVm *vm, GArray *objects, const char *word, GArray *selected, GError **error)
{
    bool found, ok = select_object(objects, word, selected, &found, error);

    /* A name may have dots: the longest one that exists. */
    for (size_t len = strlen(word); ok && !found && len; len--) {
        if (!word[len] || word[len] == '.') {
            ok = select_by_name(vm, objects, word, len, selected, &found, error);
        }
    }
    return ok && (found || fail_unknown(vm, objects, word, error));
}

bool
explain_select(const VtVm *vm, GArray *objects, const GPtrArray *words, GArray *selected, GError **error)
{
    for (guint i = 0; i < words->len; i++) {
        if (!select_word(vm, objects, words->pdata[i], selected, error)) {
            return false;
        }
    }
    for (guint i = 0; !words->len && i < objects->len; i++) {
        const VtEntryKey *entry = &g_array_index(objects, VtEntryKey, i);

        add_selection(selected, entry, vt_object_class(entry->object), NULL, NULL);
    }
    return true;
}
