/* SPDX-License-Identifier: MIT */
/*
 * Connections of an input to the VM's sockets in the scratch directory.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Connects to the listener @name, or binds a datagram socket to @mine and connects it to @name.  Never blocks. */
int fuzz_wire_connect(const char *name);
int fuzz_wire_datagrams(const char *mine, const char *name);

/* Returns the next piece of an input: two bytes of length in network byte order, then the data, which may be truncated.
 * False: no piece is left. */
typedef struct FuzzPieces {
    const uint8_t *at;
    size_t left;
} FuzzPieces;
int fuzz_pieces_next(FuzzPieces *pieces, const uint8_t **ret_piece, size_t *ret_len);
