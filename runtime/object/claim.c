/* SPDX-License-Identifier: MIT */
/*
 * Claims: who uses a backend, and what the user decides in its place.
 */
#include "object-private.h"
#include "vt-runtime/error.h"

/* Either both let others write, or who does not gets along with one that only reads. */
static bool
compatible(const VtClaim *a, const VtClaim *b)
{
    return (a->share || b->read_only) && (b->share || a->read_only);
}

static char *
claimant(const VtClaimRecord *record)
{
    return record->is_holder ? g_strdup(((const VtHolder *)record->user)->title) : vt_object_title(record->user);
}

static bool
check(const VtObject *backend, const void *user, const VtClaim *claim, GError **error)
{
    for (guint i = 0; backend->claims && i < backend->claims->len; i++) {
        const VtClaimRecord *other = &g_array_index(backend->claims, VtClaimRecord, i);

        if (other->user != user && !compatible(&other->claim, claim)) {
            g_autofree char *title = claimant(other);

            return vt_error_set(error, "%s '%s' is already in use by %s", backend->class->info.kind,
                                vt_object_display(backend), title);
        }
    }
    return true;
}

/* The claim of @user; NULL: none. */
static VtClaimRecord *
find(const VtObject *backend, const void *user)
{
    for (guint i = 0; backend->claims && i < backend->claims->len; i++) {
        VtClaimRecord *record = &g_array_index(backend->claims, VtClaimRecord, i);

        if (record->user == user) {
            return record;
        }
    }
    return NULL;
}

static void
forget(VtObject *backend, const VtClaimRecord *record)
{
    g_array_remove_index(backend->claims, (guint)(record - &g_array_index(backend->claims, VtClaimRecord, 0)));
}

/* A backend passes a claim on to what it stands on: when nobody claims it any more, that is free too. */
static void
release(VtObject *backend, const void *user)
{
    const VtClaimRecord *record = find(backend, user);

    if (!record) {
        return;
    }
    forget(backend, record);
    if (!backend->claims->len) {
        vt_backend_release(backend);
    }
    for (size_t i = 0; i < backend->class->n_ops; i++) {
        const VtOps *ops = backend->class->ops[i];

        if (ops->released) {
            ops->released(backend);
        }
    }
}

/* Once @record is in the list: whether the behaviour agrees. */
static bool
tell(VtObject *backend, const VtClaim *claim, GError **error)
{
    for (size_t i = 0; i < backend->class->n_ops; i++) {
        const VtOps *ops = backend->class->ops[i];

        if (ops->claim && !ops->claim(backend, claim, error)) {
            return false;
        }
    }
    return true;
}

static bool
claim_for(VtObject *backend, const VtClaimRecord *record, GError **error)
{
    VtClaimRecord *place;
    VtClaim before;
    bool again;

    if (!check(backend, record->user, &record->claim, error)) {
        return false;
    }
    if (!backend->claims) {
        backend->claims = g_array_new(FALSE, FALSE, sizeof(VtClaimRecord));
    }
    place = find(backend, record->user);
    again = place != NULL;
    if (again) {
        before = place->claim;
        place->claim = record->claim;
    } else {
        g_array_append_vals(backend->claims, record, 1);
    }
    if (tell(backend, &record->claim, error)) {
        return true;
    }
    if (again) {
        find(backend, record->user)->claim = before;
    } else {
        release(backend, record->user);
    }
    return false;
}

bool
vt_backend_claim(VtObject *user, const VtRef *ref, const VtClaim *claim, GError **error)
{
    const VtClaimRecord record = {.user = vt_object_top(user), .claim = *claim};

    vt_assert_main();
    g_assert(ref->target);
    return claim_for(ref->target, &record, error);
}

void
vt_backend_release(VtObject *user)
{
    VtObject *top = vt_object_top(user);

    for (guint i = 0; top->targets && i < top->targets->len; i++) {
        release(top->targets->pdata[i], top);
    }
}

bool
vt_backend_claim_at(const VtObject *backend, size_t index, VtClaim *ret_claim)
{
    if (!backend->claims || index >= backend->claims->len) {
        return false;
    }
    *ret_claim = g_array_index(backend->claims, VtClaimRecord, index).claim;
    return true;
}

/* ---- users without an object --------------------------------------------------------------------------- */

VtHolder *
vt_backend_hold(VtObject *backend, const char *title, const VtClaim *claim, GError **error)
{
    VtHolder *holder = g_new(VtHolder, 1);
    const VtClaimRecord record = {.user = holder, .is_holder = true, .claim = *claim};

    vt_assert_main();
    holder->target = backend;
    holder->title = g_strdup(title);
    if (!claim_for(backend, &record, error)) {
        g_free(holder->title);
        g_free(holder);
        return NULL;
    }
    vt_refs_hold(holder);
    return holder;
}

void
vt_backend_let_go(VtHolder *holder)
{
    vt_assert_main();
    vt_refs_let_go(holder);
    release(holder->target, holder);
    g_free(holder->title);
    g_free(holder);
}
