/* SPDX-License-Identifier: MIT */
/*
 * What a -global relies on: descendants and embedders have the very members of their ancestors and of what they embed.
 */
#include <string.h>

#include "vt-runtime/schema.h"
#include "vt-test.h"

extern const VtLayer vt_layer_runtime, vt_layer_backends, vt_layer_hw, vt_layer_machine;
static const VtLayer *const all_layers[] = {&vt_layer_runtime, &vt_layer_backends, &vt_layer_hw, &vt_layer_machine,
                                            NULL};

static const VtProp *
find_at(const VtClassInfo *info, uint32_t offset)
{
    for (size_t i = 0; i < info->n_props; i++) {
        if (info->props[i].offset == offset && info->props[i].row) {
            return &info->props[i];
        }
    }
    return NULL;
}

VT_TEST(descendants_have_their_ancestors_members, "/members/descendants")
{
    g_autoptr(VtSchema) schema = vt_schema_new(all_layers);
    size_t n = 0;

    for (const VtClassInfo *const *class = vt_schema_classes(schema); *class; class ++) {
        for (const VtClassInfo *ancestor = (*class)->parent; ancestor; ancestor = ancestor->parent) {
            for (size_t i = 0; i < ancestor->n_props; i++) {
                const VtProp *theirs = vt_prop_member(ancestor, &ancestor->props[i]);
                const VtProp *ours = theirs->hidden ? NULL : vt_class_prop(*class, theirs->name, strlen(theirs->name));

                if (theirs->hidden || theirs->row->flags & VT_ROW_IF_OFF) {
                    continue;
                }
                g_assert_nonnull(ours);
                g_assert_true(ours->row == theirs->row);
                g_assert_true(theirs->child || find_at(*class, theirs->offset)->row == theirs->row);
                n++;
            }
        }
    }
    g_assert_cmpuint(n, >, 1000);
}

VT_TEST(embedders_have_the_members_of_what_they_embed, "/members/embedders")
{
    g_autoptr(VtSchema) schema = vt_schema_new(all_layers);
    size_t n = 0;

    for (const VtClassInfo *const *class = vt_schema_classes(schema); *class; class ++) {
        for (size_t c = 0; c < (*class)->n_children; c++) {
            const VtClassInfo *child = (*class)->children[c];

            for (size_t i = 0; i < child->n_props; i++) {
                const VtProp *ours = find_at(*class, (*class)->child_bases[c] + child->props[i].offset);

                g_assert_nonnull(ours);
                g_assert_true(ours->row == child->props[i].row);
                n++;
            }
        }
    }
    g_assert_cmpuint(n, >, 100);
}
