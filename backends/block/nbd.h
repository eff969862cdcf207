/* SPDX-License-Identifier: MIT */
/*
 * NBD, the protocol of network block devices: the negotiation of a server that has one export without a name.
 */
#pragma once

#include <glib.h>

#include "vt-backends/block.h"

#define VT_NBD_FLAGS_SIZE  4  /* bytes that the client sends first */
#define VT_NBD_OPTION_SIZE 16 /* of the header of an option */
#define VT_NBD_OPTION_MAX  ((size_t)64 << 10)
#define VT_NBD_DATA_MAX    ((size_t)32 << 20) /* of one request, which the server announces */

typedef enum VtNbdNext { VT_NBD_OPTION, VT_NBD_TRANSMISSION, VT_NBD_END } VtNbdNext;

/* Numbers in network byte order. */
void vt_nbd_put16(GByteArray *bytes, uint16_t number);
void vt_nbd_put32(GByteArray *bytes, uint32_t number);
void vt_nbd_put64(GByteArray *bytes, uint64_t number);
uint16_t vt_nbd_get16(const uint8_t *bytes);
uint32_t vt_nbd_get32(const uint8_t *bytes);
uint64_t vt_nbd_get64(const uint8_t *bytes);

/* Appends what the server sends first. */
void vt_nbd_greet(GByteArray *out);
/* Returns the number of bytes that follow @header, of VT_NBD_OPTION_SIZE; -1: it is none. */
ssize_t vt_nbd_option_length(const uint8_t *header);
/* Appends the answer to an option with @header and the @len bytes of @data.  @plain: the client wants no zeroes after
 * the answer to the oldest option. */
VtNbdNext vt_nbd_answer(const VtBlock *block, const uint8_t *header, const uint8_t *data, size_t len, bool plain,
                        GByteArray *out);
/* Whether the client wants no zeroes, by the flags that it sent first. */
bool vt_nbd_is_plain(const uint8_t *flags);
