/* SPDX-License-Identifier: MIT */
/*
 * Codecs: scalars that are written as text, or as text and integers.  One per form, in runtime/text/codec.c or beside
 * what it belongs to (a scalar of hw/ has its codec in hw/).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct VtCodec VtCodec;

struct VtCodec {
    /* Text to value (integer scalars). */
    bool (*parse)(const char *text, int64_t *ret_value, GError **error);
    /* Text to canonical text (str scalars: MAC, UUID); NULL result on error.  One of parse and normalise is set. */
    char *(*normalise)(const char *text, GError **error);
    /* Value to text for people, or NULL: the plain number. */
    char *(*format)(int64_t value);
};

/* Of general use: MAC addresses and UUIDs as str; sizes with a suffix, and those that count mebibytes without one;
 * permissions in octal. */
extern const VtCodec vt_codec_mac, vt_codec_uuid, vt_codec_size, vt_codec_memory_size, vt_codec_file_mode;
