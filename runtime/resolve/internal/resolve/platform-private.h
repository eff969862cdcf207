/* SPDX-License-Identifier: MIT */
#pragma once

#include "vt-runtime/context.h"

/* Takes an answer from outside, and ownership of @detail. Fails if the feature @name or the answer @text is unknown. */
bool vt_platform_take_answer(VtPlatform *platform, const char *name, const char *text, char *detail, GError **error);
void vt_platform_set_host(VtPlatform *platform, const char *name);
/* Replaces all answers by those of the host file @path. */
bool vt_platform_read(VtPlatform *platform, const char *path, GError **error);
