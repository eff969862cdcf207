/* SPDX-License-Identifier: MIT */
/*
 * Completion of the keys and values of an object or a struct, at any depth.
 */
#include <string.h>

#include "option-complete.h"
#include "option-help.h"

typedef struct Member {
    const char *name;
    const VtLayer *layer;
    const VtRow *row;
    const VtCold *cold;
    bool is_alias;
} Member;

/* Returns false to stop. */
typedef bool MemberFunc(const Member *member, void *opaque);

/* ---- members of a set ---------------------------------------------------------------------------------- */

static bool
is_offered(const VtCompletion *self, const Member *member)
{
    const VtLife *life = member->cold->life ? &member->layer->lives[member->cold->life] : NULL;

    return !(member->row->flags & VT_ROW_IF_OFF) && !(member->cold->features & VT_FEATURES_NO_INPUT) &&
           (!member->cold->targets || !self->target || (member->cold->targets & self->target)) &&
           vt_completion_offers(self, life);
}

static bool
each_row(const VtCompletion *self, uint16_t number, MemberFunc *func, void *opaque)
{
    const VtLayer *layer = vt_schema_type_layer(self->schema, number);
    const VtType *type = vt_schema_type(self->schema, number);

    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];
        const Member member = {vt_str(layer, row->name), layer, row, &layer->colds[row->cold], false};

        if (is_offered(self, &member) && !func(&member, opaque)) {
            return false;
        }
    }
    return true;
}

/* The value that the text has for the tag of the union, or NULL.  The caller frees it. */
static char *
tag_of(const VtMemberSet *set, const VtLayer *layer, const VtType *type)
{
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (row->flags & VT_ROW_TAG) {
            g_autofree char *key = g_strconcat(set->path, vt_str(layer, row->name), NULL);

            return vt_completion_item(set->text, key);
        }
    }
    return NULL;
}

/* Members of the branch that the tag selects; of all branches, if the text has no tag. */
static bool
each_branch(const VtCompletion *self, const VtMemberSet *set, MemberFunc *func, void *opaque)
{
    const VtLayer *layer = vt_schema_type_layer(self->schema, set->type);
    const VtType *type = vt_schema_type(self->schema, set->type);
    g_autofree char *tag = tag_of(set, layer, type);
    const VtType *tags = NULL;
    const VtLayer *tags_layer = NULL;

    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (row->flags & VT_ROW_TAG) {
            tags = vt_schema_type(self->schema, row->type);
            tags_layer = vt_schema_type_layer(self->schema, row->type);
        }
    }
    for (unsigned i = 0; tags && i < type->n_branches; i++) {
        const VtBranch *branch = &layer->branches[type->first_branch + i];
        const VtName *name = &tags_layer->names[tags->first + branch->value];

        if (branch->type && (!tag || strcmp(vt_str(tags_layer, name->name), tag) == 0) &&
            !each_row(self, branch->type, func, opaque)) {
            return false;
        }
    }
    return true;
}

static bool
each_prop(const VtCompletion *self, const VtClassInfo *info, MemberFunc *func, void *opaque)
{
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        const Member member = {prop->name, prop->layer, prop->row, prop->cold, prop->alias_of != 0};

        if (!prop->hidden && is_offered(self, &member) && !func(&member, opaque)) {
            return false;
        }
    }
    return true;
}

static void
each_member(const VtCompletion *self, const VtMemberSet *set, MemberFunc *func, void *opaque)
{
    bool more = !set->class || each_prop(self, set->class, func, opaque);

    if (more && set->type && each_row(self, set->type, func, opaque) &&
        vt_schema_type(self->schema, set->type)->kind == VT_TYPE_UNION) {
        each_branch(self, set, func, opaque);
    }
}

typedef struct Search {
    const char *name;
    size_t len;
    Member found;
} Search;

static bool
match_member(const Member *member, void *opaque)
{
    Search *search = opaque;
    bool matches = strlen(member->name) == search->len && strncmp(member->name, search->name, search->len) == 0;

    if (matches) {
        search->found = *member;
    }
    return !matches;
}

static Member
find_member(const VtCompletion *self, const VtMemberSet *set, const char *name, size_t len)
{
    Search search = {name, len, {NULL}};

    for (const char *const *pair = set->keys ? set->keys->renames : NULL; pair && pair[0] && pair[1]; pair += 2) {
        if (strlen(pair[0]) == len && strncmp(pair[0], name, len) == 0 && !strchr(pair[1], '.')) {
            search.name = pair[1];
            search.len = strlen(pair[1]);
        }
    }
    each_member(self, set, match_member, &search);
    return search.found;
}

/* ---- values -------------------------------------------------------------------------------------------- */

void
vt_completion_add_names(VtCompletion *self, uint16_t type_number, const char *kept)
{
    const VtLayer *layer = vt_schema_type_layer(self->schema, type_number);
    const VtType *type = vt_schema_type(self->schema, type_number);
    const VtScalar *scalar = type->kind == VT_TYPE_SCALAR ? &layer->scalars[type->first] : NULL;
    const VtName *names = &layer->names[scalar ? scalar->first_name : type->first];

    for (unsigned i = 0; i < (scalar ? scalar->n_names : type->count); i++) {
        const char *name = vt_str(layer, names[i].name);

        if (!(names[i].flags & VT_ROW_IF_OFF) && !strchr(name, '*')) {
            vt_completion_add(self, kept, name, "", vt_text(layer->texts, names[i].doc));
        }
    }
}

static void
add_ids(VtCompletion *self, const VtClassInfo *target, const char *kept)
{
    for (guint i = 0; target && i < self->objects->len; i++) {
        const VtKnownObject *object = &g_array_index(self->objects, VtKnownObject, i);

        if (vt_class_is_a(object->class, target)) {
            vt_completion_add(self, kept, object->id, "", object->class->name);
        }
    }
}

/* @type: name of the bus type; empty: any. */
static void
add_buses(VtCompletion *self, const char *type, const char *kept)
{
    for (guint i = 0; i < self->buses->len; i++) {
        const VtKnownBus *bus = &g_array_index(self->buses, VtKnownBus, i);

        if (!type[0] || vt_schema_bus_is_a(self->schema, bus->type, type)) {
            vt_completion_add(self, kept, bus->name, "", bus->type);
        }
    }
}

static void
add_references(VtCompletion *self, const VtLayer *layer, const VtRefRow *ref, const VtClassInfo *class,
               const char *kept)
{
    const char *target = vt_str(layer, ref->target);

    if (ref->flags & VT_REF_BUS) {
        add_buses(self, target[0] || !class ? target : vt_str(class->layer, class->row->plugs_into), kept);
    } else {
        add_ids(self, vt_schema_class(self->schema, target), kept);
    }
}

void
vt_completion_add_values(VtCompletion *self, const VtLayer *layer, const VtRow *row, const VtClassInfo *class,
                         const char *kept)
{
    const VtCold *cold = &layer->colds[row->cold];
    const VtType *type = row->type ? vt_schema_type(self->schema, row->type) : NULL;

    if (cold->ref) {
        add_references(self, layer, &layer->refs[cold->ref], class, kept);
    } else if (row->kind == VT_KIND_BOOL) {
        vt_completion_add(self, kept, "on", "", NULL);
        vt_completion_add(self, kept, "off", "", NULL);
    } else if (row->kind == VT_KIND_ENUM || row->kind == VT_KIND_SCALAR) {
        vt_completion_add_names(self, row->type, kept);
    } else if (row->kind == VT_KIND_ALTERNATE) {
        const VtLayer *home = vt_schema_type_layer(self->schema, row->type);

        g_assert(type);
        for (unsigned i = 0; i < type->count; i++) {
            vt_completion_add_values(self, home, &home->rows[type->first + i], class, kept);
        }
    } else if (row->kind == VT_KIND_STR) {
        self->wants_files = true;
    }
}

/* ---- keys ---------------------------------------------------------------------------------------------- */

static uint16_t
struct_of(const VtCompletion *self, const Member *member)
{
    const VtRow *row = member->row;

    if (row->kind == VT_KIND_ALTERNATE) {
        const VtLayer *layer = vt_schema_type_layer(self->schema, row->type);
        const VtType *type = vt_schema_type(self->schema, row->type);

        for (unsigned i = 0; i < type->count; i++) {
            const VtRow *branch = &layer->rows[type->first + i];

            if (branch->kind == VT_KIND_STRUCT || branch->kind == VT_KIND_UNION) {
                return branch->type;
            }
        }
    }
    return row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION ? row->type : 0;
}

/* The root class of the objects that may be defined in place of the member's id, or NULL. */
static const VtClassInfo *
inline_root(const VtCompletion *self, const Member *member)
{
    const VtRefRow *ref = member->cold->ref ? &member->layer->refs[member->cold->ref] : NULL;
    const VtClassInfo *class =
        ref && (ref->flags & VT_REF_INLINE) ? vt_schema_class(self->schema, vt_str(member->layer, ref->target)) : NULL;

    return class ? class->root : NULL;
}

static const VtClassInfo *
class_in(const VtCompletion *self, const VtClassInfo *root, const char *text, const char *path)
{
    g_autofree char *key = g_strconcat(path, vt_str(root->layer, root->row->tag_name), NULL);
    g_autofree char *tag = vt_completion_item(text, key);

    return tag ? vt_schema_class_by_tag(self->schema, root, tag) : NULL;
}

typedef struct Keys {
    VtCompletion *completion;
    const VtMemberSet *set;
    const char *kept, *part; /* @part: what the word has of the key */
} Keys;

static bool
add_key(const Member *member, void *opaque)
{
    const Keys *keys = opaque;
    VtCompletion *self = keys->completion;
    const char *doc = vt_text(member->layer->texts, member->cold->doc);
    g_autofree char *key = g_strconcat(keys->set->path, member->name, NULL);
    g_autofree char *given = vt_completion_item(keys->set->text, key);
    bool is_struct = struct_of(self, member), may_nest = inline_root(self, member);

    if (given || (member->is_alias && !keys->part[0])) {
        return true;
    }
    if (!is_struct || member->row->kind == VT_KIND_ALTERNATE) {
        vt_completion_add(self, keys->kept, member->name, "=", doc);
    }
    if (is_struct || may_nest) {
        vt_completion_add(self, keys->kept, member->name, ".", doc);
    }
    return true;
}

static void
add_keys(VtCompletion *self, const VtMemberSet *set, const char *kept, const char *part)
{
    Keys keys = {self, set, kept, part};
    const VtClassInfo *root = set->root;
    const char *own[] = {root && !set->class ? vt_str(root->layer, root->row->tag_name) : "",
                         root ? vt_str(root->layer, root->row->id_name) : ""};

    for (size_t i = 0; i < G_N_ELEMENTS(own); i++) {
        g_autofree char *key = g_strconcat(set->path, own[i], NULL);
        g_autofree char *given = vt_completion_item(set->text, key);

        if (own[i][0] && !given) {
            vt_completion_add(self, kept, own[i], "=", NULL);
        }
    }
    each_member(self, set, add_key, &keys);
    for (const char *const *pair = set->keys ? set->keys->renames : NULL; pair && pair[0] && pair[1]; pair += 2) {
        g_autofree char *given = vt_completion_item(set->text, pair[0]);

        if (!given) {
            vt_completion_add(self, kept, pair[0], "=", pair[1]);
        }
    }
}

/* Descends into the struct or the definition that the first part of the key names; returns false if it is neither. */
static bool
descend(VtCompletion *self, const VtMemberSet *set, const char *kept, const char *item, size_t len)
{
    Member member = find_member(self, set, item, len);
    const char *rest = item + len + 1;
    g_autofree char *path = g_strdup_printf("%s%.*s.", set->path, (int)len, item);
    g_autofree char *before = g_strdup_printf("%s%.*s.", kept, (int)len, item);
    VtMemberSet inner = {.text = set->text, .path = path};

    if (!member.row) {
        return false;
    }
    inner.type = struct_of(self, &member);
    inner.root = inner.type ? NULL : inline_root(self, &member);
    inner.class = inner.root ? class_in(self, inner.root, set->text, path) : NULL;
    if (!inner.type && !inner.root) {
        return false;
    }
    vt_completion_add_item(self, &inner, before, rest);
    return true;
}

void
vt_completion_add_item(VtCompletion *self, const VtMemberSet *set, const char *kept, const char *item)
{
    const char *equals = strchr(item, '=');
    size_t len = equals ? (size_t)(equals - item) : strlen(item), first = strcspn(item, ".=");
    g_autofree char *before = equals ? g_strdup_printf("%s%.*s=", kept, (int)len, item) : NULL;
    const VtClassInfo *root = set->root;
    Member member;

    if (first < len && descend(self, set, kept, item, first)) {
        return;
    }
    if (!equals) {
        add_keys(self, set, kept, item);
        return;
    }
    member = find_member(self, set, item, len);
    if (member.row) {
        vt_completion_add_values(self, member.layer, member.row, set->class, before);
    } else if (root && strlen(vt_str(root->layer, root->row->tag_name)) == len &&
               strncmp(vt_str(root->layer, root->row->tag_name), item, len) == 0) {
        vt_completion_add_tags(self, root, before, "");
    }
}

void
vt_completion_add_globals(VtCompletion *self, const VtOption *option, const char *kept, const char *item)
{
    size_t len = strcspn(item, "=");

    for (const char *const *key = option->globals; key && key[0] && key[1] && key[2]; key += 3) {
        const VtClassInfo *class = vt_schema_class(self->schema, key[1]);
        const VtProp *prop = class ? vt_class_prop(class, key[2], strlen(key[2])) : NULL;

        if (!item[len] && prop) {
            vt_completion_add(self, kept, key[0], "=", vt_text(prop->layer->texts, prop->cold->doc));
        } else if (prop && strlen(key[0]) == len && strncmp(key[0], item, len) == 0) {
            g_autofree char *before = g_strconcat(kept, key[0], "=", NULL);

            vt_completion_add_values(self, prop->layer, prop->row, class, before);
        }
    }
}
