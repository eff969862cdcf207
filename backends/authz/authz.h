/* SPDX-License-Identifier: MIT */
/*
 * What every authz object judges by.  Rules are made as a whole and replaced as a whole, so that other threads can ask
 * while they change.
 */
#pragma once

#include "vt-gen/backends.h"
#include "vt-runtime/object.h"

typedef struct VtAuthzRules VtAuthzRules;

VtAuthzRules *vt_authz_rules_new(const VtAuthZListProperties *list);
void vt_authz_rules_free(VtAuthzRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtAuthzRules, vt_authz_rules_free)

/* Takes @rules.  NULL: nobody is allowed; @why, which is copied, says what of. */
void vt_authz_set_rules(VtObject *authz, VtAuthzRules *rules, const char *why);
