/* SPDX-License-Identifier: MIT */
#pragma once

#include "vt-runtime/context.h"

/* Takes an answer from outside, and ownership of @detail. Fails if the feature @name or the answer @text is unknown. */
bool vt_platform_take_answer(VtPlatform *platform, const char *name, const char *text, char *detail, GError **error);
void vt_platform_set_host(VtPlatform *platform, const char *name);
/* As vt_platform_new() without a host file. */
VtPlatform *vt_platform_new_unread(const VtSchema *schema, uint16_t version);
