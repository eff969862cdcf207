/* SPDX-License-Identifier: MIT */
/*
 * Limits of a drive of '-drive', in its config, in 'block_set_io_throttle' and in 'query-block'.
 */
#pragma once

#include "node.h"

/* Adds the limits of a drive to what describes its medium. */
void vt_drive_limits_show(const VtObject *drive, struct json_object *inserted);
/* Returns the member 'limits' of a drive, with the limits of @arg.  The caller owns it.  NULL: they are no limits. */
struct json_object *vt_drive_limits_new(const VtBlockIOThrottle *arg, GError **error);
