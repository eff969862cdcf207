/* SPDX-License-Identifier: MIT */
/*
 * Authorization of identities.
 */
#pragma once

#include "vt-runtime/object.h"

/* Returns whether the realized object @authz allows @identity.  If not, @error has the reason.  Any thread, while the
 * caller keeps the object realized. */
bool vt_authz_is_allowed(VtObject *authz, const char *identity, GError **error);
