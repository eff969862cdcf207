/* SPDX-License-Identifier: MIT */
/*
 * Compat props: the defaults in which a machine differs from the newest ones without a machine.
 */
#include <string.h>

#include <json-c/json.h>

#include "resolve/context-private.h"
#include "schema/row-private.h"
#include "schema/schema-private.h"
#include "vt-runtime/output.h"

char *
vt_entry_text(const VtContext *ctx, const VtProp *prop, const VtEntry *entry)
{
    size_t size = vt_field_size(ctx->schema, prop->layer, prop->row);
    g_autofree void *field = g_malloc0(size);
    char *text = NULL;

    if (entry && vt_entry_settle(ctx->schema, ctx, prop->default_layer, entry, prop->layer, prop->row, field)) {
        text = vt_output_text(ctx->schema, prop->layer, prop->row, field);
        vt_field_clear(ctx->schema, prop->layer, prop->row, field);
    }
    return text;
}

/* A default that can differ between machine versions. */
typedef struct Candidate {
    const VtClassInfo *info;
    const VtProp *prop;
    const VtEntry *base; /* entry of the base; NULL: none */
    char *base_text;     /* NULL: absent, or not computed yet */
    bool is_base_known;  /* @base_text is computed */
    /* Cache: adjacent versions mostly have the same entry. */
    const VtEntry *last;   /* entry of the last query */
    uint16_t since, until; /* versions in which @last applies */
    char *row;             /* JSON text of @last; NULL: its value equals that of the base */
} Candidate;

struct VtCompatProps {
    const VtContext *base;
    GArray *candidates;        /* of Candidate */
    GHashTable *trees;         /* of Tree by class id; NULL after the candidates are known */
    const VtClassInfo *family; /* of the last query */
};

/* The concrete classes that a class covers: itself, if it is concrete, and those below it. */
typedef struct Tree {
    uint16_t n_concrete;
    uint16_t *same; /* by prop index: how many of them have this default; ADDED: there is a candidate; NULL: none has */
} Tree;

#define ADDED UINT16_MAX

static void
candidate_clear(void *opaque)
{
    Candidate *self = opaque;

    g_free(self->base_text);
    g_free(self->row);
}

/* A timeline with one entry from the beginning is equal in all versions. */
static bool
may_differ(const VtProp *prop)
{
    const VtTimeline *timeline = prop->timeline;

    return timeline && timeline->axis == VT_AXIS_MACHINE && !prop->hidden && !prop->alias_of &&
           (timeline->count > 1 || prop->default_layer->entries[timeline->first].since);
}

/* Resolves the default in @ctx. The result is valid from the newest entry's version that is reached, up to the version
 * of @ctx. */
static const VtEntry *
resolve(Candidate *candidate, const VtContext *ctx)
{
    const VtProp *prop = candidate->prop;
    uint16_t version = ctx->machine.version;

    candidate->since = 0;
    candidate->until = version;
    for (unsigned i = 0; i < prop->timeline->count; i++) {
        uint16_t since = prop->default_layer->entries[prop->timeline->first + i].since;

        if (since <= version) {
            candidate->since = MAX(candidate->since, since);
        }
    }
    return vt_timeline_resolve(ctx, prop->default_layer, prop->timeline, NULL, NULL);
}

static void
tree_free(void *opaque)
{
    Tree *tree = opaque;

    g_free(tree->same);
    g_free(tree);
}

/* Counts a concrete class in its tree and those above.  Does not build the index of a class. */
static void
count_class(VtCompatProps *self, const VtClass *class)
{
    const VtLayer *layer;

    for (;;) {
        Tree *tree = g_hash_table_lookup(self->trees, GUINT_TO_POINTER(class->id));

        if (!tree) {
            tree = g_new0(Tree, 1);
            g_hash_table_insert(self->trees, GUINT_TO_POINTER(class->id), tree);
        }
        tree->n_concrete++;
        if (!class->parent) {
            break;
        }
        class = vt_schema_class_row(self->base->schema, class->parent, &layer);
    }
}

static Tree *
tree_of(const VtCompatProps *self, const VtClassInfo *info)
{
    Tree *tree = g_hash_table_lookup(self->trees, GUINT_TO_POINTER(info->row->id));

    if (!tree->same) {
        tree->same = g_new0(uint16_t, info->n_props);
    }
    return tree;
}

/* Returns the prop of the parent class from which @prop of @info has its default, or NULL. */
static const VtProp *
inherited_from(const VtClassInfo *info, const VtProp *prop)
{
    size_t index = (size_t)(prop - info->props);
    const VtProp *theirs;

    if (!info->parent) {
        return NULL;
    }
    /* Inherited members are at the same index, except those of embedded children. */
    theirs = index < info->parent->n_props ? &info->parent->props[index] : NULL;
    if (!theirs || theirs->row != prop->row || theirs->child != prop->child) {
        theirs = vt_class_prop(info->parent, prop->name, strlen(prop->name));
    }
    return theirs && theirs->row == prop->row && theirs->timeline == prop->timeline && !theirs->hidden &&
                   strcmp(theirs->name, prop->name) == 0
               ? theirs
               : NULL;
}

static void
count_defaults(VtCompatProps *self, const VtClassInfo *info)
{
    for (size_t i = 0; i < info->n_props; i++) {
        const VtClassInfo *each = info;

        for (const VtProp *prop = may_differ(&info->props[i]) ? &info->props[i] : NULL; prop; each = each->parent) {
            tree_of(self, each)->same[prop - each->props]++;
            prop = inherited_from(each, prop);
        }
    }
}

/* Adds the default of @info, or of the highest class below which all concrete classes have the same. */
static void
add_candidate(VtCompatProps *self, const VtClassInfo *info, const VtProp *prop)
{
    Candidate candidate = {.info = info, .prop = prop};
    uint16_t *same = NULL;

    g_assert(prop);
    for (const VtClassInfo *each = info; prop; each = each->parent) {
        const Tree *tree = tree_of(self, each);

        if (tree->same[prop - each->props] == ADDED) {
            return;
        }
        if (tree->same[prop - each->props] == tree->n_concrete) {
            same = &tree->same[prop - each->props];
            candidate.info = each;
            candidate.prop = prop;
        }
        prop = inherited_from(each, prop);
    }
    if (same) {
        *same = ADDED;
    }
    candidate.base = resolve(&candidate, self->base);
    candidate.last = candidate.base;
    g_array_append_val(self->candidates, candidate);
}

static void
add_candidates(VtCompatProps *self, const VtClassInfo *info)
{
    for (size_t i = 0; !vt_class_is_machine(info) && i < info->n_props; i++) {
        if (may_differ(&info->props[i])) {
            add_candidate(self, info, &info->props[i]);
        }
    }
}

VtCompatProps *
vt_compat_props_new(const VtContext *base)
{
    VtCompatProps *self = g_new0(VtCompatProps, 1);
    /* Those that may have candidates. */
    g_autoptr(GArray) versioned = g_array_new(FALSE, FALSE, sizeof(const VtClassInfo *));
    const VtLayer *layer;

    self->base = base;
    self->candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
    g_array_set_clear_func(self->candidates, candidate_clear);
    self->trees = g_hash_table_new_full(NULL, NULL, NULL, tree_free);
    for (const VtClass *class = vt_schema_class_from(base->schema, 0, &layer); class;
         class = vt_schema_class_from(base->schema, class->id + 1, &layer)) {
        bool exists = !class->targets || (class->targets & base->target);

        if (exists && !(class->flags & VT_CLASS_ABSTRACT)) {
            count_class(self, class);
            if (class->flags & VT_CLASS_VERSIONED) {
                const VtClassInfo *info = vt_schema_class_by_id(base->schema, class->id);

                g_array_append_val(versioned, info);
            }
        }
    }
    for (guint i = 0; i < versioned->len; i++) {
        count_defaults(self, g_array_index(versioned, const VtClassInfo *, i));
    }
    for (guint i = 0; i < versioned->len; i++) {
        add_candidates(self, g_array_index(versioned, const VtClassInfo *, i));
    }
    g_clear_pointer(&self->trees, g_hash_table_unref);
    return self;
}

void
vt_compat_props_free(VtCompatProps *self)
{
    if (self) {
        g_array_unref(self->candidates);
        g_free(self);
    }
}

/* Returns the JSON text of a row. */
static char *
new_row(const char *type, const char *property, const char *value)
{
    json_object *string = json_object_new_string(value);
    g_autofree char *json = vt_json_text(string);
    /* Names contain no characters that JSON escapes. */
    char *row = g_strconcat("{\"qom-type\":\"", type, "\",\"property\":\"", property, "\",\"value\":", json, "}", NULL);

    json_object_put(string);
    return row;
}

/* Returns the row for @ctx, borrowed; NULL: the value equals that of the base. */
static const char *
find_row(const VtCompatProps *self, Candidate *candidate, const VtContext *ctx)
{
    const VtProp *prop = candidate->prop;
    uint16_t version = ctx->machine.version;
    bool is_same = ctx->machine.family == self->family && version >= candidate->since && version <= candidate->until;
    const VtEntry *entry = is_same ? candidate->last : resolve(candidate, ctx);

    /* Members of a struct can differ although its entry is the same. */
    if (entry != candidate->last || (entry && entry != candidate->base && vt_row_is_composite(prop->row))) {
        g_autofree char *text = entry == candidate->base ? NULL : vt_entry_text(ctx, prop, entry);

        if (!candidate->is_base_known) {
            candidate->is_base_known = true;
            candidate->base_text = vt_entry_text(self->base, prop, candidate->base);
        }
        g_free(candidate->row);
        candidate->row = entry != candidate->base && g_strcmp0(text, candidate->base_text) != 0
                             ? new_row(candidate->info->name, prop->name, text ? text : "")
                             : NULL;
        candidate->last = entry;
    }
    return candidate->row;
}

static void
append(GString *text, const char *row)
{
    if (text->str[text->len - 1] == '}') {
        g_string_append_c(text, ',');
    }
    g_string_append(text, row);
}

/* Returns the default of the machine property @name in @ctx; NULL: absent. */
static char *
machine_text(const VtContext *ctx, const char *name)
{
    const VtProp *prop = vt_class_prop(ctx->machine.family, name, strlen(name));

    return prop && may_differ(prop)
               ? vt_entry_text(ctx, prop, vt_timeline_resolve(ctx, prop->default_layer, prop->timeline, NULL, NULL))
               : NULL;
}

/* Appends the rows of backends whose defaults are properties of the machine. */
static void
append_claims(const VtCompatProps *self, const VtContext *ctx, GString *text)
{
    const VtClassInfo *family = ctx->machine.family;
    const VtLayer *layer = family->layer;

    for (const uint32_t *claim = &layer->inputs[family->machine->claims]; *claim; claim += 3) {
        const char *name = vt_str(layer, claim[2]);
        g_autofree char *own = machine_text(ctx, name), *base = machine_text(self->base, name);

        if (g_strcmp0(own, base) != 0) {
            g_autofree char *row = new_row(vt_str(layer, claim[0]), vt_str(layer, claim[1]), own ? own : "");

            append(text, row);
        }
    }
}

/* Appends the defaults of the machine overlay.  A later row overrides an earlier one. */
static void
append_overlaid(const VtContext *ctx, GString *text)
{
    for (guint i = 0; i < ctx->globals->len; i++) {
        const VtGlobal *global = ctx->globals->pdata[i];
        const VtProp *prop = global->prop;

        if (global->overlaid.axis == VT_AXIS_MACHINE) {
            g_autofree char *value = vt_output_text(ctx->schema, prop->layer, prop->row, global->field);
            g_autofree char *row = new_row(global->driver->name, prop->name, value ? value : "");

            append(text, row);
        }
    }
}

void
vt_compat_props_append(VtCompatProps *self, const VtContext *ctx, GString *text)
{
    g_string_append_c(text, '[');
    append_claims(self, ctx, text);
    for (guint i = 0; i < self->candidates->len; i++) {
        const char *row = find_row(self, &g_array_index(self->candidates, Candidate, i), ctx);

        if (row) {
            append(text, row);
        }
    }
    append_overlaid(ctx, text);
    self->family = ctx->machine.family;
    g_string_append_c(text, ']');
}
