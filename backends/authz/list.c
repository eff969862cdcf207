/* SPDX-License-Identifier: MIT */
#include "authz.h"

static void
apply(VtObject *object)
{
    const VtAuthzList *config = vt_object_config(object);

    vt_authz_set_rules(object, vt_authz_rules_new(&config->auth_z_list_properties), NULL);
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

const VtOps vt_ops_authz_list = {.realize = realize, .set = set};
