/* SPDX-License-Identifier: MIT */
/*
 * Reassembly of the IPv4 datagrams that a guest sends in fragments (RFC 791, section 3.2).
 *
 * libslirp 4.7 accesses memory that is not its own when the last fragment of a datagram arrives first.  So it gets no
 * fragments.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct VtFragments VtFragments;

VtFragments *vt_fragments_new(void);
void vt_fragments_free(VtFragments *fragments);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtFragments, vt_fragments_free)

/* Returns the Ethernet frame to deliver for @frame, and its length in bytes in *@len: @frame itself, unless it has a
 * fragment; after the last fragment, a frame with the whole datagram, which is valid until the next call; otherwise
 * NULL. A malformed fragment is dropped. If fragments overlap in part, so is their datagram (RFC 5722, section 3). */
const uint8_t *vt_fragments_take(VtFragments *fragments, const uint8_t *frame, size_t *len);
