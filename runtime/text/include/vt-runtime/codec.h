/* SPDX-License-Identifier: MIT */
/*
 * Codecs: conversion of scalars between text and values.
 *
 * Each form of a scalar has one VtCodec. Codecs of general use are in runtime/text/codec.c; a scalar of hw/ has its
 * codec in hw/. A codec keeps no state: any thread may call it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct VtCodec VtCodec;

struct VtCodec {
    /* Integer scalars: converts @text. On failure returns false, sets @error and leaves *@ret_value unchanged. */
    bool (*parse)(const char *text, int64_t *ret_value, GError **error);
    /* String scalars (MAC, UUID): returns the canonical form of @text, owned by the caller. Returns NULL and sets
     * @error on failure. Exactly one of @parse, @normalise and @forms is set. */
    char *(*normalise)(const char *text, GError **error);
    /* String scalars whose texts have forms (setting.h): JSON text of the forms, and the global type of the struct that
     * their settings fill; vt_form_read() returns it. */
    const char *forms;
    uint16_t type;
    /* Returns @value as text for output, owned by the caller. NULL: the output is the decimal number. */
    char *(*format)(int64_t value);
};

/* MAC addresses and UUIDs are strings. A size takes a suffix (64K, 1G); without one, vt_codec_size counts bytes and
 * vt_codec_memory_size counts MiB. vt_codec_file_mode reads octal permissions. */
extern const VtCodec vt_codec_mac, vt_codec_unicast_mac, vt_codec_uuid, vt_codec_size, vt_codec_memory_size,
    vt_codec_file_mode;

/* Parses a number with an optional fraction and suffix. Without a suffix, the unit is 1 << @shift bytes. */
bool vt_size_parse(const char *text, unsigned shift, int64_t *ret_value, GError **error);
