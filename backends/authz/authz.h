/* SPDX-License-Identifier: MIT */
/*
 * Rules of authz objects.  A set of rules is replaced as a whole, so that other threads can check an identity
 * meanwhile.
 */
#pragma once

#include "vt-gen/backends.h"
#include "vt-runtime/object.h"

typedef struct VtAuthzRules VtAuthzRules;

VtAuthzRules *vt_authz_rules_new(const VtAuthZListProperties *list);
void vt_authz_rules_free(VtAuthzRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtAuthzRules, vt_authz_rules_free)

/* Takes ownership of @rules.  NULL denies every identity.  Copies @why, which each denial then shows. */
void vt_authz_set_rules(VtObject *authz, VtAuthzRules *rules, const char *why);
