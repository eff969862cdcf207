/* SPDX-License-Identifier: MIT */
#include "nbd.h"

#include <string.h>

#define GREETING      UINT64_C(0x4e42444d41474943)
#define OPTION_MAGIC  UINT64_C(0x49484156454f5054)
#define REPLY_MAGIC   UINT64_C(0x0003e889045565a9)
#define PREFERRED     4096 /* size of requests that need no read of the rest of a page */
#define ZEROES        124
#define FLAG_PLAIN    2 /* no zeroes; a client and a server have the same flags */
#define FLAGS_OF_BOTH (1 | FLAG_PLAIN)

enum { EXPORT_NAME = 1, ABORT = 2, LIST = 3, INFO = 6, GO = 7 }; /* options */
enum {                                                           /* types of answers */
       ACK = 1,
       SERVER = 2,
       DETAIL = 3,
       UNSUPPORTED = (int)(1u << 31 | 1),
       INVALID = (int)(1u << 31 | 3),
       UNKNOWN = (int)(1u << 31 | 6),
};
enum { DETAIL_EXPORT = 0, DETAIL_SIZES = 3 };
enum { HAS_FLAGS = 1, READ_ONLY = 2, FLUSH = 4, FUA = 8, TRIM = 32, ZERO = 64 }; /* what the export supports */

/* ---- numbers ------------------------------------------------------------------------------------------- */

void
vt_nbd_put16(GByteArray *bytes, uint16_t number)
{
    uint16_t big = GUINT16_TO_BE(number);

    g_byte_array_append(bytes, (const uint8_t *)&big, sizeof big);
}

void
vt_nbd_put32(GByteArray *bytes, uint32_t number)
{
    uint32_t big = GUINT32_TO_BE(number);

    g_byte_array_append(bytes, (const uint8_t *)&big, sizeof big);
}

void
vt_nbd_put64(GByteArray *bytes, uint64_t number)
{
    uint64_t big = GUINT64_TO_BE(number);

    g_byte_array_append(bytes, (const uint8_t *)&big, sizeof big);
}

uint16_t
vt_nbd_get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

uint32_t
vt_nbd_get32(const uint8_t *bytes)
{
    return (uint32_t)vt_nbd_get16(bytes) << 16 | vt_nbd_get16(bytes + 2);
}

uint64_t
vt_nbd_get64(const uint8_t *bytes)
{
    return (uint64_t)vt_nbd_get32(bytes) << 32 | vt_nbd_get32(bytes + 4);
}

/* ---- negotiation --------------------------------------------------------------------------------------- */

void
vt_nbd_greet(GByteArray *out)
{
    vt_nbd_put64(out, GREETING);
    vt_nbd_put64(out, OPTION_MAGIC);
    vt_nbd_put16(out, FLAGS_OF_BOTH);
}

bool
vt_nbd_is_plain(const uint8_t *flags)
{
    return vt_nbd_get32(flags) & FLAG_PLAIN;
}

ssize_t
vt_nbd_option_length(const uint8_t *header)
{
    uint32_t len = vt_nbd_get32(header + 12);

    return vt_nbd_get64(header) == OPTION_MAGIC && len <= VT_NBD_OPTION_MAX ? (ssize_t)len : -1;
}

static void
put_answer(GByteArray *out, uint32_t option, int type, uint32_t len)
{
    vt_nbd_put64(out, REPLY_MAGIC);
    vt_nbd_put32(out, option);
    vt_nbd_put32(out, (uint32_t)type);
    vt_nbd_put32(out, len);
}

static uint16_t
flags_of(const VtBlock *block)
{
    return vt_block_read_only(block) ? HAS_FLAGS | READ_ONLY : HAS_FLAGS | FLUSH | FUA | TRIM | ZERO;
}

/* The answer to the oldest option, which ends the negotiation. */
static void
put_export(GByteArray *out, const VtBlock *block, bool plain)
{
    static const uint8_t zeroes[ZEROES];

    vt_nbd_put64(out, (uint64_t)vt_block_length(block));
    vt_nbd_put16(out, flags_of(block));
    g_byte_array_append(out, zeroes, plain ? 0 : ZEROES);
}

static void
put_details(GByteArray *out, uint32_t option, const VtBlock *block)
{
    put_answer(out, option, DETAIL, 12);
    vt_nbd_put16(out, DETAIL_EXPORT);
    vt_nbd_put64(out, (uint64_t)vt_block_length(block));
    vt_nbd_put16(out, flags_of(block));
    put_answer(out, option, DETAIL, 14);
    vt_nbd_put16(out, DETAIL_SIZES);
    vt_nbd_put32(out, 1);
    vt_nbd_put32(out, PREFERRED);
    vt_nbd_put32(out, VT_NBD_DATA_MAX);
    put_answer(out, option, ACK, 0);
}

/* The name of the export in the data of INFO and GO: its length, itself, then numbers of details.  False: it is none.
 */
static bool
name_length(const uint8_t *data, size_t len, uint32_t *ret_len)
{
    if (len < 6) {
        return false;
    }
    *ret_len = vt_nbd_get32(data);
    return *ret_len <= len - 6 && len == 6 + *ret_len + (size_t)vt_nbd_get16(data + 4 + *ret_len) * 2;
}

static VtNbdNext
answer_details(const VtBlock *block, uint32_t option, const uint8_t *data, size_t len, GByteArray *out)
{
    uint32_t name;

    if (!name_length(data, len, &name) || name) {
        put_answer(out, option, len < 6 || !name_length(data, len, &name) ? INVALID : UNKNOWN, 0);
        return VT_NBD_OPTION;
    }
    put_details(out, option, block);
    return option == GO ? VT_NBD_TRANSMISSION : VT_NBD_OPTION;
}

VtNbdNext
vt_nbd_answer(const VtBlock *block, const uint8_t *header, const uint8_t *data, size_t len, bool plain, GByteArray *out)
{
    uint32_t option = vt_nbd_get32(header + 8);

    switch (option) {
    case EXPORT_NAME:
        if (len) {
            return VT_NBD_END;
        }
        put_export(out, block, plain);
        return VT_NBD_TRANSMISSION;
    case ABORT:
        put_answer(out, option, ACK, 0);
        return VT_NBD_END;
    case LIST:
        put_answer(out, option, SERVER, 4);
        vt_nbd_put32(out, 0);
        put_answer(out, option, ACK, 0);
        return VT_NBD_OPTION;
    case INFO:
    case GO:
        return answer_details(block, option, data, len, out);
    default:
        put_answer(out, option, UNSUPPORTED, 0);
        return VT_NBD_OPTION;
    }
}
