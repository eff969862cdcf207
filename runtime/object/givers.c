/* SPDX-License-Identifier: MIT */
/*
 * Where a given value came from, if it is not the text that created the object: the machine has values of several
 * options, and commands change members.
 */
#include <string.h>

#include "object/object-private.h"
#include "text/cursor.h"

/* By the index of the member: the position, owned. */
static GHashTable *
givers_of(VtVm *vm, const VtObject *object)
{
    GHashTable *givers;

    if (!vm->givers) {
        vm->givers = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_hash_table_unref);
    }
    givers = g_hash_table_lookup(vm->givers, object);
    if (!givers) {
        givers = g_hash_table_new_full(NULL, NULL, NULL, g_free);
        g_hash_table_insert(vm->givers, (void *)(gsize)object, givers);
    }
    return givers;
}

void
vt_giver_set(const VtObject *object, size_t index, const VtInput *input)
{
    /* "qom-set: poll-max-ns" and "machine-set: smp" stand for the command. */
    const char *colon = strstr(input->where, ": ");
    char *where = g_strndup(input->where, colon ? (gsize)(colon - input->where) : input->where_len);

    g_hash_table_replace(givers_of(object->vm, object), GSIZE_TO_POINTER(index), where);
}

void
vt_givers_forget(const VtObject *object)
{
    if (object->vm->givers) {
        g_hash_table_remove(object->vm->givers, object);
    }
}

const char *
vt_object_giver(const VtObject *object, const VtProp *prop)
{
    const VtObject *top = vt_object_const_top(object);
    GHashTable *givers = top->vm->givers ? g_hash_table_lookup(top->vm->givers, top) : NULL;
    const char *giver = NULL;

    prop = vt_object_map_prop(object, prop);
    if (givers) {
        giver = g_hash_table_lookup(givers, GSIZE_TO_POINTER(vt_prop_index(&top->class->info, prop)));
    }
    return giver ? giver : top->config->where;
}

/* ---- values of the machine ----------------------------------------------------------------------------- */

static void
set_given(VtConfig *config, const VtProp *prop, bool given)
{
    uint64_t *word = vt_given_word(config->data, prop->words, prop->row->bit), bit = UINT64_C(1)
                                                                                     << (prop->row->bit % 64);

    *word = given ? *word | bit : *word & ~bit;
}

bool
vt_machine_input(VtConfig *config, VtInput *input, VtContext *ctx, VtInput **by, GError **error)
{
    const VtClassInfo *info = config->info;
    g_autofree bool *before = g_new0(bool, info->n_props + 1);
    bool ok;

    /* The visit marks what it reads as given. */
    for (size_t i = 0; i < info->n_props; i++) {
        before[i] = vt_config_given(config, &info->props[i]);
        set_given(config, &info->props[i], false);
    }
    ok = vt_input_visit_members(input, ctx, config, error);
    for (size_t i = 0; i < info->n_props; i++) {
        if (vt_config_given(config, &info->props[i])) {
            by[i] = input;
        }
    }
    for (size_t i = 0; i < info->n_props; i++) {
        if (before[i]) {
            set_given(config, &info->props[i], true);
        }
    }
    return ok;
}
