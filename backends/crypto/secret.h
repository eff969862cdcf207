/* SPDX-License-Identifier: MIT */
/*
 * Shared by the classes of secrets.
 */
#pragma once

#include "vt-gen/backends.h"
#include "vt-runtime/object.h"

/* Returns the number of bytes that @text encodes, or -1 if it is not base64.  Line breaks are allowed anywhere. */
gssize vt_base64_size(const char *text);

/* Call in the realize of a class: decodes and decrypts the bytes as configured.  Takes ownership of @data and wipes it.
 * @data has @room bytes: the first @size are the value, and a zero follows.  @where: source of the value, for messages.
 */
bool vt_secret_put(VtObject *object, char *data, size_t size, size_t room, const char *where, GError **error);
