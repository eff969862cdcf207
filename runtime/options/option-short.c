/* SPDX-License-Identifier: MIT */
/*
 * Short forms: keys of key=value text that set nested members, declared by 'short' of the class.
 *
 *     { "path": { "is": "addr.data.path", "with": { "addr.type": "unix" } }, "wait": { "is": "wait", "else": "on" },
 *       "mux": { "front": { "backend": "mux", "chardev": "" }, "behind": "-base" } }
 *
 * 'is' names the member.  'with' sets further members.  'else' is the value without the key.  If a key with 'front' is
 * on, it creates an additional object on top of this one, with the members in 'front'.  The additional object gets the
 * id.  This object gets the id followed by the value of "behind".  An empty value in 'front' stands for that id.  A key
 * with 'ignored' has no effect.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "text/keyval.h"
#include "vt-runtime/error.h"
#include "vt-runtime/expansion.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"
#include "vt-runtime/names.h"

typedef struct Short {
    const VtKeyval *keyval;
    GPtrArray *forms; /* of json_object: of the class, then of its ancestors */
    GHashTable *said; /* keys of the text, the members that they set, and added keys */
    GString *text;
    const VtClassInfo *info;
    const char *tag, *id_name;
    const char *id;     /* or NULL */
    json_object *front; /* members of the additional object, or NULL */
    const char *behind;
} Short;

static void
append(GString *text, const char *key, const char *value)
{
    g_string_append_printf(text, "%s%s=", text->len ? "," : "", key);
    for (; *value; value++) {
        g_string_append_len(text, ",,", *value == ',');
        g_string_append_c(text, *value);
    }
}

static void
put_tree(void *tree)
{
    json_object_put(tree);
}

static GPtrArray *
forms_of(const VtClassInfo *info)
{
    GPtrArray *forms = g_ptr_array_new_with_free_func(put_tree);

    for (; info; info = info->parent) {
        const char *json = vt_str(info->layer, info->row->short_form);

        if (*json) {
            g_ptr_array_add(forms, vt_json_parse(json, strlen(json), info->name, NULL));
        }
    }
    return forms;
}

static json_object *
form_of(const Short *form, const char *key)
{
    json_object *found;

    for (guint i = 0; i < form->forms->len; i++) {
        if (json_object_object_get_ex(g_ptr_array_index(form->forms, i), key, &found)) {
            return found;
        }
    }
    return NULL;
}

bool
vt_class_expand_short(const VtClassInfo *info, const char *key, const char *value, VtShortMemberFunc func, void *opaque)
{
    g_autoptr(GPtrArray) forms = forms_of(info);
    const Short form = {.forms = forms};
    json_object *rule = form_of(&form, key), *with = NULL;

    if (!rule) {
        return false;
    }
    if (vt_json_member_text(rule, "is")) {
        func(vt_json_member_text(rule, "is"), value, opaque);
    }
    if (json_object_object_get_ex(rule, "with", &with)) {
        json_object_object_foreach (with, member, text) {
            func(member, json_object_get_string(text), opaque);
        }
    }
    return true;
}

static const char *
setting_value(const VtKeyval *keyval, const char *key)
{
    for (size_t i = 0; i < keyval->n; i++) {
        if (strcmp(keyval->settings[i].key, key) == 0) {
            return keyval->settings[i].value;
        }
    }
    return NULL;
}

/* Appends the members of 'with' that the text does not set. */
static void
append_with(Short *form, json_object *with)
{
    json_object_object_foreach (with, key, value) {
        if (g_hash_table_add(form->said, g_strdup(key))) {
            append(form->text, key, json_object_get_string(value));
        }
    }
}

static bool
take_front(Short *form, json_object *rule, const char *key, const char *value, GError **error)
{
    if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0) {
        return vt_error_set(error, "%s: expected 'on' or 'off', got '%s'", key, value);
    }
    if (value[1] == 'n') {
        json_object_object_get_ex(rule, "front", &form->front);
        form->behind = vt_json_member_text(rule, "behind");
    }
    return true;
}

/* Whether the decoder may know the key. */
static bool
is_known(const Short *form, const VtSetting *setting)
{
    return strpbrk(setting->key, ".") || strcmp(setting->key, form->tag) == 0 ||
           strcmp(setting->key, form->id_name) == 0 || g_str_has_prefix(setting->key, "len-") ||
           vt_class_prop(form->info, setting->key, setting->key_len);
}

static bool
fail_unknown(const Short *form, const char *key, GError **error)
{
    g_autoptr(GArray) names = vt_names_new();
    const char *nearest;

    for (guint i = 0; i < form->forms->len; i++) {
        json_object_object_foreach ((json_object *)g_ptr_array_index(form->forms, i), name, rule) {
            (void)rule;
            vt_names_add(names, name);
        }
    }
    for (size_t i = 0; i < form->info->n_props; i++) {
        vt_names_add(names, form->info->props[i].name);
    }
    vt_names_add(names, form->id_name);
    nearest = vt_nearest(key, vt_names_list(names));
    return nearest ? vt_error_set(error, "unknown member '%s'; did you mean '%s'?", key, nearest)
                   : vt_error_set(error, "unknown member '%s'", key);
}

static bool
rewrite(Short *form, GError **error)
{
    for (size_t i = 0; i < form->keyval->n; i++) {
        const VtSetting *setting = &form->keyval->settings[i];
        json_object *rule = form_of(form, setting->key), *with;

        if (strcmp(setting->key, form->id_name) == 0 && !form->id) {
            form->id = setting->value;
        } else if (!rule) {
            if (!is_known(form, setting)) {
                return fail_unknown(form, setting->key, error);
            }
            append(form->text, setting->key, setting->value);
        } else if (vt_json_member_text(rule, "behind")) {
            if (!take_front(form, rule, setting->key, setting->value, error)) {
                return false;
            }
        } else if (vt_json_member_text(rule, "is")) {
            append(form->text, vt_json_member_text(rule, "is"), setting->value);
            if (json_object_object_get_ex(rule, "with", &with)) {
                append_with(form, with);
            }
        }
    }
    for (guint i = 0; i < form->forms->len; i++) {
        json_object_object_foreach ((json_object *)g_ptr_array_index(form->forms, i), key, rule) {
            const char *otherwise = vt_json_member_text(rule, "else");

            if (otherwise && !g_hash_table_contains(form->said, key)) {
                append(form->text, vt_json_member_text(rule, "is"), otherwise);
            }
        }
    }
    return true;
}

/* The text of the additional object, which gets the id. */
static char *
front_text(const Short *form, const char *behind_id)
{
    g_autoptr(GString) text = g_string_new(NULL);

    json_object_object_foreach (form->front, key, value) {
        const char *said = json_object_get_string(value);

        append(text, key, *said ? said : behind_id);
    }
    append(text, form->id_name, form->id);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Notes the keys of the members: those in the text, then those that it lacks. */
static void
note_keys(const Short *form, VtSource *source)
{
    for (unsigned round = 0; round < 2; round++) {
        for (guint i = 0; i < form->forms->len; i++) {
            json_object_object_foreach ((json_object *)g_ptr_array_index(form->forms, i), key, rule) {
                const char *is = vt_json_member_text(rule, "is");

                if (is && (setting_value(form->keyval, key) ? 0 : 1) == round) {
                    vt_source_add_key(source, is, key);
                }
            }
        }
    }
}

bool
vt_source_is_written_out(const VtClassInfo *root)
{
    return root->row->within;
}

static bool
write_out(const VtSchema *schema, VtSource *source, char **ret_front, GError **error)
{
    const VtClassInfo *root = source->root, *info;
    const char *tag = vt_str(root->layer, root->row->within);
    g_autofree char *message = NULL, *behind_id = NULL;
    const char *name;
    Short form = {.id_name = vt_str(root->layer, root->row->id_name)};
    VtKeyval *keyval;
    bool ok;

    keyval = vt_keyval_new(source->text, source->implied_key, true, &message);
    name = keyval ? setting_value(keyval, tag) : NULL;
    info = name ? vt_schema_class_by_tag(schema, root, name) : NULL;
    /* Decoding reports the error later. */
    if (!info) {
        vt_keyval_free(keyval);
        return true;
    }
    form.keyval = keyval;
    form.info = info;
    form.tag = tag;
    form.forms = forms_of(info);
    form.said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    form.text = g_string_new(NULL);
    for (size_t i = 0; i < keyval->n; i++) {
        json_object *rule = form_of(&form, keyval->settings[i].key);
        const char *is = rule ? vt_json_member_text(rule, "is") : NULL;

        g_hash_table_add(form.said, g_strdup(keyval->settings[i].key));
        if (is) {
            g_hash_table_add(form.said, g_strdup(is));
        }
    }
    ok = rewrite(&form, error);
    if (ok && form.id) {
        behind_id = g_strconcat(form.id, form.front ? form.behind : "", NULL);
        append(form.text, form.id_name, behind_id);
        *ret_front = form.front ? front_text(&form, behind_id) : NULL;
    }
    if (ok) {
        note_keys(&form, source);
        vt_source_set_text(source, g_string_free(g_steal_pointer(&form.text), FALSE));
        source->implied_key = NULL;
    } else {
        g_prefix_error(error, "%s: %s: ", source->where, name);
        g_string_free(form.text, TRUE);
    }
    g_hash_table_unref(form.said);
    g_ptr_array_unref(form.forms);
    vt_keyval_free(keyval);
    return ok;
}

bool
vt_source_write_out(const VtSchema *schema, VtSource *source, char **ret_front, GError **error)
{
    *ret_front = NULL;
    return !vt_source_is_written_out(source->root) || !vt_source_is_text(source) ||
           write_out(schema, source, ret_front, error);
}

void
vt_option_each_short(const VtClassInfo *info, VtShortFunc func, void *opaque)
{
    g_autoptr(GPtrArray) forms = forms_of(info);

    for (guint i = 0; i < forms->len; i++) {
        json_object_object_foreach ((json_object *)g_ptr_array_index(forms, i), key, rule) {
            const char *member = vt_json_member_text(rule, "is");

            func(key, member ? member : "", vt_json_member_text(rule, "else"), opaque);
        }
    }
}

/* Whether the text has all further members that the short form sets; with @exact, with the same values. */
static bool
has_with(const VtKeyval *keyval, json_object *rule, bool exact)
{
    json_object *with;

    if (json_object_object_get_ex(rule, "with", &with)) {
        json_object_object_foreach (with, key, value) {
            const char *found = setting_value(keyval, key);

            if (!found || (exact && strcmp(found, json_object_get_string(value)) != 0)) {
                return false;
            }
        }
    }
    return true;
}

/* Finds the short form that sets the member, preferably one with further members as in the text. */
static json_object *
rule_of(const GPtrArray *forms, const VtKeyval *keyval, const VtSetting *setting, const char **ret_key)
{
    json_object *found = NULL;

    for (guint i = 0; i < forms->len; i++) {
        json_object_object_foreach ((json_object *)g_ptr_array_index(forms, i), key, rule) {
            if (g_strcmp0(vt_json_member_text(rule, "is"), setting->key) == 0 && has_with(keyval, rule, false) &&
                (!found || has_with(keyval, rule, true))) {
                found = rule;
                *ret_key = key;
            }
        }
    }
    return found;
}

/* The short-form key that sets the member @setting, or its own key.  NULL: it is the value without the key.  Adds the
 * further members that the key sets to @set. */
static const char *
short_key(const GPtrArray *forms, const VtKeyval *keyval, const VtSetting *setting, GHashTable *set)
{
    const char *key = setting->key;
    json_object *rule = rule_of(forms, keyval, setting, &key), *with;

    if (rule && json_object_object_get_ex(rule, "with", &with)) {
        json_object_object_foreach (with, other, value) {
            if (strcmp(setting_value(keyval, other), json_object_get_string(value)) == 0) {
                g_hash_table_add(set, g_strdup(other));
            }
        }
    }
    return rule && g_strcmp0(vt_json_member_text(rule, "else"), setting->value) == 0 ? NULL : key;
}

char *
vt_option_short_text(const VtClassInfo *info, const char *text)
{
    g_autoptr(GPtrArray) forms = forms_of(info);
    g_autoptr(GHashTable) set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *message = NULL;
    VtKeyval *keyval = vt_keyval_new(text, NULL, true, &message);
    GString *result = g_string_new(NULL);

    /* A member that an earlier key sets has no key of its own, which could set the earlier member. */
    for (size_t i = 0; keyval && i < keyval->n; i++) {
        if (!g_hash_table_contains(set, keyval->settings[i].key)) {
            short_key(forms, keyval, &keyval->settings[i], set);
        }
    }
    for (size_t i = 0; keyval && i < keyval->n; i++) {
        const VtSetting *setting = &keyval->settings[i];
        const char *key = g_hash_table_contains(set, setting->key) ? NULL : short_key(forms, keyval, setting, set);

        if (key) {
            append(result, key, setting->value);
        }
    }
    vt_keyval_free(keyval);
    return g_string_free(result, FALSE);
}
