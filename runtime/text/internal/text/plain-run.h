/* SPDX-License-Identifier: MIT */
/*
 * Plain run: skips the plain bytes of a long string faster than byte by byte.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VT_PLAIN_BLOCK 64

/* Whether all bytes of a block are printable ASCII, and none is a quote or a backslash.  No early exit: the compiler
 * uses vector instructions. */
static inline bool
vt_plain_block(const char *text)
{
    uint8_t special = 0;

    for (size_t i = 0; i < VT_PLAIN_BLOCK; i++) {
        uint8_t byte = (uint8_t)text[i];

        special |= (uint8_t)(byte < 0x20) | (uint8_t)(byte >= 0x7F) | (uint8_t)(byte == '"') | (uint8_t)(byte == '\\');
    }
    return !special;
}

/* Returns a position before @end up to which all bytes are as vt_plain_block() accepts.  More may follow. */
static inline const char *
vt_plain_run(const char *text, const char *end)
{
    while (end - text >= VT_PLAIN_BLOCK && vt_plain_block(text)) {
        text += VT_PLAIN_BLOCK;
    }
    return text;
}
