/* SPDX-License-Identifier: MIT */
/*
 * Claims: the users of a backend, and the settings that a user imposes on it.
 */
#include "object/object-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

/* Two claims are compatible if each allows other writers or the other one only reads. */
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

/* The claim of @user, or NULL. */
static VtClaimRecord *
find_record(const VtObject *backend, const void *user)
{
    return backend->claims ? g_hash_table_lookup(backend->claims->by_user, user) : NULL;
}

static guint *
count_of(VtClaims *claims, const VtClaim *claim)
{
    return claim->serves ? &claims->n_serving : &claims->n[claim->read_only][claim->share];
}

/* Whether the claim of another user excludes @claim.  @own: the present claim of this user, or NULL. */
static bool
is_excluded(const VtObject *backend, const VtClaimRecord *own, const VtClaim *claim)
{
    for (unsigned kind = 0; backend->claims && !claim->serves && kind < 4; kind++) {
        const VtClaim other = {.read_only = kind & 2, .share = kind & 1};
        bool is_own =
            own && !own->claim.serves && own->claim.read_only == other.read_only && own->claim.share == other.share;

        if (*count_of(backend->claims, &other) > is_own && !compatible(&other, claim)) {
            return true;
        }
    }
    return false;
}

static bool
check_claim(const VtObject *backend, const void *user, const VtClaim *claim, GError **error)
{
    if (!is_excluded(backend, find_record(backend, user), claim)) {
        return true;
    }
    for (GList *link = backend->claims->records.head; link; link = link->next) {
        const VtClaimRecord *other = link->data;

        if (other->user != user && !other->claim.serves && !compatible(&other->claim, claim)) {
            g_autofree char *title = claimant(other);

            return vt_error_set(error, "%s '%s' is already in use by %s", backend->class->info.kind,
                                vt_object_display(backend), title);
        }
    }
    g_assert_not_reached();
}

static void
record_new(VtObject *backend, const VtClaimRecord *record)
{
    VtClaimRecord *own = g_memdup2(record, sizeof *record);

    if (!backend->claims) {
        backend->claims = g_new0(VtClaims, 1);
        backend->claims->by_user = g_hash_table_new(NULL, NULL);
    }
    own->link.data = own;
    g_queue_push_tail_link(&backend->claims->records, &own->link);
    g_hash_table_insert(backend->claims->by_user, own->user, own);
    ++*count_of(backend->claims, &own->claim);
}

static void
record_free(VtObject *backend, VtClaimRecord *record)
{
    g_queue_unlink(&backend->claims->records, &record->link);
    g_hash_table_remove(backend->claims->by_user, record->user);
    --*count_of(backend->claims, &record->claim);
    g_free(record);
}

static void
record_change(VtObject *backend, VtClaimRecord *record, const VtClaim *claim)
{
    --*count_of(backend->claims, &record->claim);
    record->claim = *claim;
    ++*count_of(backend->claims, &record->claim);
}

void
vt_claims_free(VtClaims *claims)
{
    if (claims) {
        /* The claims of the machine may remain: the machine is freed last. */
        while (claims->records.head) {
            g_free(g_queue_pop_head_link(&claims->records)->data);
        }
        g_hash_table_unref(claims->by_user);
        g_free(claims);
    }
}

/* Releases the claim of @user.  A backend forwards claims to the backend below it, so the last release also releases
 * the forwarded claims. */
static void
release(VtObject *backend, const void *user)
{
    VtClaimRecord *record = find_record(backend, user);

    if (!record) {
        return;
    }
    record_free(backend, record);
    if (!backend->claims->records.length) {
        vt_backend_release(backend);
    }
    for (size_t i = 0; i < backend->class->n_ops; i++) {
        const VtOps *ops = backend->class->ops[i];

        if (ops->released) {
            ops->released(backend);
        }
    }
}

/* Whether VtOps.claim accepts the claim, which is recorded already. */
static bool
accepts(VtObject *backend, const VtClaim *claim, GError **error)
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

    if (!check_claim(backend, record->user, &record->claim, error)) {
        return false;
    }
    place = find_record(backend, record->user);
    if (place) {
        before = place->claim;
        record_change(backend, place, &record->claim);
    } else {
        record_new(backend, record);
    }
    if (accepts(backend, &record->claim, error)) {
        return true;
    }
    if (place) {
        record_change(backend, place, &before);
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
        release(g_array_index(top->targets, VtTarget, i).object, top);
    }
}

bool
vt_backend_claims(const VtObject *backend, VtClaim *ret_claim)
{
    VtClaims *claims = backend->claims;

    if (!claims || !claims->records.length) {
        return false;
    }
    if (claims->records.length == claims->n_serving) {
        *ret_claim = ((const VtClaimRecord *)claims->records.head->data)->claim;
        ret_claim->serves = false;
        return true;
    }
    *ret_claim = (VtClaim){.merge = -1,
                           .dump = -1,
                           .read_only = !claims->n[false][false] && !claims->n[false][true],
                           .share = !claims->n[false][false] && !claims->n[true][false]};
    return true;
}

/* ---- users without an object --------------------------------------------------------------------------- */

VtHolder *
vt_backend_hold(VtObject *backend, const char *title, const VtClaim *claim, GError **error)
{
    VtHolder *holder = g_new0(VtHolder, 1);
    const VtClaimRecord record = {.user = holder, .is_holder = true, .claim = *claim};

    vt_assert_main();
    holder->target = backend;
    holder->title = g_strdup(title);
    if (!claim_for(backend, &record, error)) {
        g_free(holder->title);
        g_free(holder);
        return NULL;
    }
    if (!claim->serves) {
        vt_refs_hold(holder);
    }
    return holder;
}

void
vt_backend_let_go(VtHolder *holder)
{
    vt_assert_main();
    if (holder->use) {
        vt_refs_let_go(holder);
    }
    release(holder->target, holder);
    g_free(holder->title);
    g_free(holder);
}
