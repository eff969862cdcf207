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

static bool
check(const VtObject *backend, const VtObject *user, const VtClaim *claim, GError **error)
{
    for (guint i = 0; backend->claims && i < backend->claims->len; i++) {
        const VtClaimRecord *other = &g_array_index(backend->claims, VtClaimRecord, i);

        if (other->user != user && !compatible(&other->claim, claim)) {
            g_autofree char *title = vt_object_title(other->user);

            return vt_error_set(error, "%s '%s' is already in use by %s", backend->class->info.kind,
                                vt_object_display(backend), title);
        }
    }
    return true;
}

static bool
forget(VtObject *backend, const VtObject *user)
{
    bool found = false;

    for (guint i = backend->claims ? backend->claims->len : 0; i-- > 0;) {
        if (g_array_index(backend->claims, VtClaimRecord, i).user == user) {
            g_array_remove_index(backend->claims, i);
            found = true;
        }
    }
    return found;
}

/* A backend passes a claim on to what it stands on: when nobody claims it any more, that is free too. */
static void
release(VtObject *backend, const VtObject *user)
{
    if (forget(backend, user) && !backend->claims->len) {
        vt_backend_release(backend);
    }
}

bool
vt_backend_claim(VtObject *user, const VtRef *ref, const VtClaim *claim, GError **error)
{
    VtObject *backend = ref->target;
    VtClaimRecord record = {vt_object_top(user), *claim};

    vt_assert_main();
    g_assert(backend);
    if (!check(backend, record.user, claim, error)) {
        return false;
    }
    forget(backend, record.user);
    if (!backend->claims) {
        backend->claims = g_array_new(FALSE, FALSE, sizeof(VtClaimRecord));
    }
    g_array_append_val(backend->claims, record);
    for (size_t i = 0; i < backend->class->n_ops; i++) {
        const VtOps *ops = backend->class->ops[i];

        if (ops->claim && !ops->claim(backend, claim, error)) {
            release(backend, record.user);
            return false;
        }
    }
    return true;
}

void
vt_backend_release(VtObject *user)
{
    VtObject *top = vt_object_top(user);

    for (guint i = 0; top->targets && i < top->targets->len; i++) {
        release(top->targets->pdata[i], top);
    }
}
