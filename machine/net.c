/* SPDX-License-Identifier: MIT */
/*
 * -net and -nic: the names of network backends, the ports of the hub, and the model of a card.
 */
#include <string.h>

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/expansion.h"
#include "vt-runtime/names.h"

/* Sets a member that the value lacks. */
static void
set(VtExpansion *expansion, void *value, char **field, const char *member, char *text)
{
    g_free(*field);
    *field = text;
    vt_expansion_mark(expansion, value, member);
}

/* The model of a card without one is the machine's, if it has any. */
static void
set_model(VtExpansion *expansion, void *value, char **field)
{
    const VtMachineConfig *machine = vt_expansion_machine(expansion);

    if (!*field && machine->default_nic) {
        set(expansion, value, field, "model", g_strdup(machine->default_nic));
    }
}

/* Checks that there is a network backend of the type, or that it is one of the words of the option. */
static bool
check_type(const VtExpansion *expansion, const void *value, const char *type, GError **error)
{
    const VtSchema *schema = vt_expansion_schema(expansion);
    const VtClassInfo *root = vt_schema_class(schema, "netdev");
    g_autoptr(GArray) names = vt_names_new();
    const VtLayer *layer;
    const char *nearest;

    if (vt_schema_class_by_tag(schema, root, type)) {
        return true;
    }
    for (const VtClass *row = vt_schema_class_from(schema, 0, &layer); row;
         row = vt_schema_class_from(schema, row->id + 1, &layer)) {
        if (row->root == root->row->id && !(row->flags & VT_CLASS_ABSTRACT)) {
            vt_names_add(names, vt_class_row_tag(schema, layer, row));
        }
    }
    vt_names_add(names, "nic");
    nearest = vt_nearest(type, vt_names_list(names));
    return nearest ? vt_expansion_fail(expansion, value, error, "type: unknown netdev '%s'; did you mean '%s'?", type,
                                       nearest)
                   : vt_expansion_fail(expansion, value, error, "type: unknown netdev '%s'", type);
}

/* The members of a backend that a card has not. */
static bool
settle_card(VtExpansion *expansion, VtNetOption *net, unsigned *port, GError **error)
{
    if (net->rest.n) {
        return vt_expansion_fail(expansion, net, error,
                                 "%s: unknown member; expected netdev, model, macaddr, addr, vectors or name",
                                 net->rest.v[0].key);
    }
    set_model(expansion, net, &net->model);
    if (net->netdev) {
        set(expansion, net, &net->peer, "peer", g_strdup(net->netdev));
        return true;
    }
    set(expansion, net, &net->port, "port", g_strdup_printf("hub0port%u", (*port)++));
    set(expansion, net, &net->peer, "peer", g_strdup(net->port));
    return true;
}

static bool
settle_backend(VtExpansion *expansion, VtNetOption *net, unsigned number, unsigned *port, GError **error)
{
    static const char *const card[] = {"netdev", "model", "macaddr", "addr", "vectors"};

    if (!check_type(expansion, net, net->type, error)) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(card); i++) {
        if (vt_expansion_has(expansion, net, card[i])) {
            return vt_expansion_fail(expansion, net, error, "%s: unknown member; it is for 'nic'", card[i]);
        }
    }
    if (!net->id) {
        set(expansion, net, &net->id, "id", net->name ? g_strdup(net->name) : g_strdup_printf("#net%u", number));
    }
    set(expansion, net, &net->port, "port", g_strdup_printf("hub0port%u", (*port)++));
    return true;
}

bool
vt_expand_net(VtExpansion *expansion, VtNetOption *values, size_t n, GError **error)
{
    unsigned port = 0;

    for (size_t i = 0; i < n; i++) {
        bool ok = true;

        if (strcmp(values[i].type, "none") == 0) {
            vt_expansion_drop(expansion, &values[i]);
        } else if (strcmp(values[i].type, "nic") == 0) {
            ok = settle_card(expansion, &values[i], &port, error);
        } else {
            ok = settle_backend(expansion, &values[i], (unsigned)i, &port, error);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

bool
vt_expand_nic(VtExpansion *expansion, VtNicOption *values, size_t n, GError **error)
{
    for (size_t i = 0; i < n; i++) {
        VtNicOption *nic = &values[i];

        if (strcmp(nic->type, "none") == 0) {
            vt_expansion_drop(expansion, nic);
            continue;
        }
        if (!check_type(expansion, nic, nic->type, error)) {
            return false;
        }
        set_model(expansion, nic, &nic->model);
        if (!nic->id) {
            set(expansion, nic, &nic->id, "id", g_strdup_printf("#nic%zu", i));
        }
    }
    return true;
}
