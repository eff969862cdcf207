/* SPDX-License-Identifier: MIT */
/*
 * Judgements about names, as their users see them.
 */
#pragma once

#include "vt-runtime/object.h"

/* Whether the realized object @authz allows @identity; where not, @error says so in a line.  Any thread, as long as
 * its user keeps the object realized. */
bool vt_authz_is_allowed(VtObject *authz, const char *identity, GError **error);
