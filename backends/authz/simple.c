/* SPDX-License-Identifier: MIT */
#include "authz.h"

static void
apply(VtObject *object)
{
    const VtAuthzSimple *config = vt_object_config(object);
    VtQAuthZListRule rule = {.match = config->identity, .policy = VT_Q_AUTH_Z_LIST_POLICY_ALLOW};
    VtAuthZListProperties list = {.policy = VT_Q_AUTH_Z_LIST_POLICY_DENY, .rules = {1, &rule}};

    vt_authz_set_rules(object, vt_authz_rules_new(&list), NULL);
}

static bool
realize(VtObject *object, GError **error)
{
    (void)error;
    apply(object);
    return true;
}

static bool
set(VtObject *object, const VtProp *prop, GError **error)
{
    (void)prop, (void)error;
    apply(object);
    return true;
}

const VtOps vt_ops_authz_simple = {.realize = realize, .set = set};
