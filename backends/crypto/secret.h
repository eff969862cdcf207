/* SPDX-License-Identifier: MIT */
/*
 * What kinds of secrets have in common.
 */
#pragma once

#include "vt-gen/backends.h"
#include "vt-runtime/object.h"

/* How many bytes the text stands for, or -1: it is not base64.  Line ends may stand anywhere. */
gssize vt_base64_size(const char *text);

/* For a kind's realize: the bytes as they were found, decoded and decrypted as configured.  Takes @data, which has
 * @room bytes, a zero after the first @size among them, and is wiped.  @where: what was found there, for messages. */
bool vt_secret_put(VtObject *object, char *data, size_t size, size_t room, const char *where, GError **error);
