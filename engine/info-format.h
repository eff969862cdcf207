/* SPDX-License-Identifier: MIT */
/*
 * The form of what a probe found: one block of memory, which is also the file of the cache.
 *
 * Numbers are of this host's byte order. A text is the offset of a string from the start of the block, or 0. A list is
 * an offset and a count. Lists that are searched are sorted by name.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define INFO_MAGIC  "VTENGINE"
#define INFO_FORMAT 1

typedef struct InfoList {
    uint32_t first, count;
} InfoList;

typedef struct InfoHead {
    char magic[8];
    uint32_t format;
    uint32_t size;     /* of the block, in bytes */
    uint64_t checksum; /* of what follows this member */
    uint32_t identity; /* what the file of the binary was */
    uint32_t package;
    uint32_t target;
    uint32_t version[3]; /* major, minor, micro */
    uint32_t schema;     /* the result of query-qmp-schema, as JSON text */
    uint32_t schema_len;
    InfoList types;    /* of InfoType */
    InfoList machines; /* of InfoMachine */
    InfoList commands; /* of texts: names of QMP commands */
    InfoList options;  /* of texts: names of options that query-command-line-options lists */
} InfoHead;

enum { /* InfoType.flags */
       INFO_TYPE_ABSTRACT = 1 << 0,
       INFO_TYPE_UNKNOWN = 1 << 1, /* the engine ended when it was asked for its properties */
};

typedef struct InfoType {
    uint32_t name, parent, flags;
    InfoList props; /* of InfoProp */
} InfoType;

typedef struct InfoProp {
    uint32_t name, type;
    uint32_t value; /* the default as JSON text; 0: not known */
} InfoProp;

enum { INFO_MACHINE_COMPAT = 1 << 0 }; /* InfoMachine.flags: the engine lists compat props */

typedef struct InfoMachine {
    uint32_t name, alias, cpu_type, flags;
    InfoList compat; /* of InfoCompat, in the order in which they apply */
} InfoMachine;

typedef struct InfoCompat {
    uint32_t type, property, value;
} InfoCompat;

static inline uint64_t
info_mix(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return sum ^ sum >> 32;
}

/* Of @size bytes at @data, a multiple of 8. Two sums, because one multiplication waits for the one before. */
static inline uint64_t
info_checksum(const void *data, uint32_t size)
{
    const uint64_t *words = data; /* the block is aligned */
    uint64_t even = size, odd = ~(uint64_t)size;
    uint32_t n = size / 8;

    for (uint32_t i = 0; i + 1 < n; i += 2) {
        even = info_mix(even, words[i]);
        odd = info_mix(odd, words[i + 1]);
    }
    return info_mix(n % 2 ? info_mix(even, words[n - 1]) : even, odd);
}

/* Of a block of @size bytes, without its head up to the checksum. */
static inline uint64_t
info_block_checksum(const void *block, uint32_t size)
{
    const uint32_t start = offsetof(InfoHead, checksum) + sizeof(uint64_t);

    return info_checksum((const char *)block + start, size - start);
}
