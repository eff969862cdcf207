/* SPDX-License-Identifier: MIT */
#include "fragments.h"

#include <stdbool.h>
#include <string.h>

enum {
    ETHERNET = 14,   /* bytes of the header */
    HEADER_MIN = 20, /* of IPv4 */
    HEADER_MAX = 60,
    UNIT = 8, /* bytes that an offset counts */
    PAYLOAD_MAX = 65535 - HEADER_MIN,
    UNITS = PAYLOAD_MAX / UNIT + 1,
    DATAGRAMS = 8, /* incomplete ones; the oldest makes room */
    SECONDS = 30,  /* for all fragments of a datagram */
};

#define MORE_FRAGMENTS 0x2000
#define OFFSET_MASK    0x1fff

/* A datagram whose fragments have not all arrived. */
typedef struct Datagram {
    gint64 since; /* in µs; 0: the place is free */
    uint8_t key[11];
    size_t length; /* of the payload; 0: the last fragment is missing */
    size_t end;    /* offset after the last byte that has arrived */
    size_t n;      /* units that have arrived */
    size_t head;   /* bytes of @frame before the payload; 0: the first fragment is missing */
    uint8_t arrived[UNITS / 8 + 1];
    uint8_t frame[ETHERNET + HEADER_MAX + PAYLOAD_MAX]; /* the headers end where the payload begins */
} Datagram;

struct VtFragments {
    Datagram *datagrams[DATAGRAMS]; /* NULL: never used */
};

/* A fragment in a frame. */
typedef struct Fragment {
    const uint8_t *header, *payload;
    size_t header_len, len, offset; /* of the payload, in bytes */
    bool more;
} Fragment;

static unsigned
get16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

static void
put16(uint8_t *bytes, unsigned value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

/* The checksum of a header whose field is 0; 0 of one whose field is right. */
static unsigned
checksum(const uint8_t *header, size_t len)
{
    unsigned sum = 0;

    for (size_t i = 0; i < len; i += 2) {
        sum += get16(header + i);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return ~(sum + (sum >> 16)) & 0xffff;
}

static bool
is_fragment(const uint8_t *frame, size_t len)
{
    return len >= ETHERNET + HEADER_MIN && get16(frame + 12) == 0x0800 &&
           get16(frame + ETHERNET + 6) & (MORE_FRAGMENTS | OFFSET_MASK);
}

/* Returns false if it is malformed. */
static bool
parse(const uint8_t *frame, size_t len, Fragment *ret)
{
    const uint8_t *header = frame + ETHERNET;
    size_t header_len = (size_t)(header[0] & 0xf) * 4, total = get16(header + 2);
    unsigned field = get16(header + 6);

    if (header[0] >> 4 != 4 || header_len < HEADER_MIN || total <= header_len || total > len - ETHERNET ||
        checksum(header, header_len) != 0) {
        return false;
    }
    *ret = (Fragment){header,
                      header + header_len,
                      header_len,
                      total - header_len,
                      (size_t)(field & OFFSET_MASK) * UNIT,
                      field & MORE_FRAGMENTS};
    return (!ret->more || ret->len % UNIT == 0) && ret->offset + ret->len <= PAYLOAD_MAX;
}

/* The datagram of the fragment, which may be new. */
static Datagram *
datagram_of(VtFragments *fragments, const Fragment *fragment)
{
    gint64 now = g_get_monotonic_time();
    Datagram **place = &fragments->datagrams[0];
    uint8_t key[sizeof fragments->datagrams[0]->key];

    memcpy(key, fragment->header + 4, 2);      /* identification */
    key[2] = fragment->header[9];              /* protocol */
    memcpy(key + 3, fragment->header + 12, 8); /* addresses */
    for (size_t i = 0; i < DATAGRAMS; i++) {
        Datagram *one = fragments->datagrams[i];

        if (one && one->since && one->since + SECONDS * G_USEC_PER_SEC < now) {
            one->since = 0;
        }
        if (one && one->since && memcmp(one->key, key, sizeof key) == 0) {
            return one;
        }
        /* A place that is free, or else the oldest. */
        if (*place && (*place)->since && (!one || one->since < (*place)->since)) {
            place = &fragments->datagrams[i];
        }
    }
    if (!*place) {
        *place = g_new(Datagram, 1);
    }
    memset(*place, 0, offsetof(Datagram, frame));
    (*place)->since = now;
    memcpy((*place)->key, key, sizeof key);
    return *place;
}

/* Keeps the fragment. Returns false if the datagram must be dropped. */
static bool
add(Datagram *datagram, const Fragment *fragment, const uint8_t *frame)
{
    size_t first = fragment->offset / UNIT, n = (fragment->len + UNIT - 1) / UNIT, old = 0;
    size_t end = fragment->offset + fragment->len;

    for (size_t i = first; i < first + n; i++) {
        old += datagram->arrived[i / 8] >> (i % 8) & 1;
    }
    if (old == n) {
        return true; /* a repetition */
    }
    if (old || (datagram->length && (!fragment->more || end > datagram->length)) ||
        (!fragment->more && end < datagram->end)) {
        return false;
    }
    for (size_t i = first; i < first + n; i++) {
        datagram->arrived[i / 8] |= (uint8_t)(1U << (i % 8));
    }
    datagram->n += n;
    datagram->end = MAX(datagram->end, end);
    memcpy(datagram->frame + ETHERNET + HEADER_MAX + fragment->offset, fragment->payload, fragment->len);
    if (!fragment->more) {
        datagram->length = end;
    }
    if (!fragment->offset) {
        datagram->head = ETHERNET + fragment->header_len;
        memcpy(datagram->frame + ETHERNET + HEADER_MAX - datagram->head, frame, datagram->head);
    }
    return true;
}

static bool
is_complete(const Datagram *datagram)
{
    return datagram->head && datagram->length && datagram->n == (datagram->length + UNIT - 1) / UNIT &&
           datagram->head - ETHERNET + datagram->length <= 65535;
}

/* Makes one header of that of the first fragment. Returns the frame. */
static const uint8_t *
whole(Datagram *datagram, size_t *ret_len)
{
    uint8_t *frame = datagram->frame + ETHERNET + HEADER_MAX - datagram->head, *header = frame + ETHERNET;
    size_t header_len = datagram->head - ETHERNET;

    put16(header + 2, (unsigned)(header_len + datagram->length));
    put16(header + 6, 0);
    put16(header + 10, 0);
    put16(header + 10, checksum(header, header_len));
    *ret_len = datagram->head + datagram->length;
    return frame;
}

const uint8_t *
vt_fragments_take(VtFragments *fragments, const uint8_t *frame, size_t *len)
{
    Fragment fragment;
    Datagram *datagram;
    bool kept;

    if (!is_fragment(frame, *len)) {
        return frame;
    }
    if (!parse(frame, *len, &fragment)) {
        return NULL;
    }
    datagram = datagram_of(fragments, &fragment);
    kept = add(datagram, &fragment, frame);
    if (kept && !is_complete(datagram)) {
        return NULL;
    }
    datagram->since = 0;
    return kept ? whole(datagram, len) : NULL;
}

VtFragments *
vt_fragments_new(void)
{
    return g_new0(VtFragments, 1);
}

void
vt_fragments_free(VtFragments *fragments)
{
    if (fragments) {
        for (size_t i = 0; i < DATAGRAMS; i++) {
            g_free(fragments->datagrams[i]);
        }
        g_free(fragments);
    }
}
