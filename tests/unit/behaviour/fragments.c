/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../../../backends/net/fragments.h"

#include "vt-test.h"

enum { HEAD = 14 + 20, PAYLOAD = 4000, PIECE = 504, PIECES = (PAYLOAD + PIECE - 1) / PIECE };

typedef struct Frame {
    uint8_t bytes[HEAD + PAYLOAD];
    size_t len;
} Frame;

static uint8_t
payload_at(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

static void
sum_header(uint8_t *header)
{
    unsigned sum = 0;

    header[10] = header[11] = 0;
    for (size_t i = 0; i < 20; i += 2) {
        sum += (unsigned)header[i] << 8 | header[i + 1];
    }
    sum = ~((sum & 0xffff) + (sum >> 16));
    header[10] = (uint8_t)(sum >> 8);
    header[11] = (uint8_t)sum;
}

/* The part of the payload with @number: @len bytes at @at. */
static Frame
piece(unsigned number, size_t at, size_t len, bool more)
{
    static const uint8_t head[HEAD] = {0x52, 0x55, 10, 0, 2, 2,  0x52, 0x54, 0, 0x12, 0x34, 0x56, 8,  0,  0x45, 0, 0,
                                       0,    0,    0,  0, 0, 64, 17,   0,    0, 10,   0,    2,    15, 10, 0,    2, 2};
    Frame frame = {.len = HEAD + len};

    memcpy(frame.bytes, head, HEAD);
    frame.bytes[16] = (uint8_t)((20 + len) >> 8);
    frame.bytes[17] = (uint8_t)(20 + len);
    frame.bytes[19] = (uint8_t)number;
    frame.bytes[20] = (uint8_t)((more ? 0x20 : 0) | at / 8 >> 8);
    frame.bytes[21] = (uint8_t)(at / 8);
    sum_header(frame.bytes + 14);
    for (size_t i = 0; i < len; i++) {
        frame.bytes[HEAD + i] = payload_at(at + i);
    }
    return frame;
}

static Frame
nth(unsigned number, size_t n)
{
    return piece(number, n * PIECE, MIN(PIECE, PAYLOAD - n * PIECE), n + 1 < PIECES);
}

static const uint8_t *
take(VtFragments *fragments, const Frame *frame, size_t *ret_len)
{
    *ret_len = frame->len;
    return vt_fragments_take(fragments, frame->bytes, ret_len);
}

static void
drops(VtFragments *fragments, Frame frame)
{
    size_t len;

    g_assert_null(take(fragments, &frame, &len));
}

VT_TEST(fragments_in_any_order_become_a_datagram, "/net/fragments/order")
{
    g_autoptr(VtFragments) fragments = vt_fragments_new();
    Frame expected = piece(0, 0, PAYLOAD, false);

    for (unsigned round = 0; round < 200; round++) {
        size_t order[PIECES], len;
        const uint8_t *got = NULL;

        for (size_t i = 0; i < PIECES; i++) {
            size_t j = (size_t)g_random_int_range(0, (gint32)i + 1);

            order[i] = order[j];
            order[j] = i;
        }
        for (size_t i = 0; i < PIECES; i++) {
            Frame frame = nth(round % 3, order[i]);

            got = take(fragments, &frame, &len);
            g_assert_true((got != NULL) == (i == PIECES - 1));
            if (!got) {
                drops(fragments, frame); /* a repetition */
            }
        }
        expected.bytes[19] = round % 3;
        sum_header(expected.bytes + 14);
        g_assert_cmpmem(got, len, expected.bytes, expected.len);
    }
}

VT_TEST(a_datagram_that_is_no_fragment_passes, "/net/fragments/none")
{
    g_autoptr(VtFragments) fragments = vt_fragments_new();
    Frame frame = piece(1, 0, 100, false);
    size_t len;

    g_assert_true(take(fragments, &frame, &len) == frame.bytes);
    g_assert_cmpuint(len, ==, frame.len);
    frame.len = 13;
    g_assert_true(take(fragments, &frame, &len) == frame.bytes);
}

VT_TEST(bad_fragments_are_dropped, "/net/fragments/bad")
{
    g_autoptr(VtFragments) fragments = vt_fragments_new();
    Frame frame = nth(1, 1);
    size_t len;

    frame.bytes[25] ^= 1;
    drops(fragments, frame);
    frame = nth(1, 1);
    frame.len--;
    drops(fragments, frame);
    drops(fragments, piece(1, 0, 12, true));
    drops(fragments, piece(1, 65512, 8, false));
    drops(fragments, piece(1, 8, 0, false));
    frame = nth(1, 1);
    frame.bytes[14] = 0x4f;
    drops(fragments, frame);
    /* An overlap drops all of the datagram. */
    drops(fragments, piece(2, 0, 80, true));
    drops(fragments, piece(2, 40, 80, true));
    drops(fragments, piece(2, 80, 40, false));
    drops(fragments, piece(3, 80, 40, false));
    drops(fragments, piece(3, 120, 40, true));
    drops(fragments, piece(3, 0, 80, true));
    /* More datagrams than there are places: the oldest gives way. */
    for (unsigned number = 10; number < 30; number++) {
        drops(fragments, nth(number, 0));
    }
    frame = piece(29, PIECE, 8, false);
    g_assert_nonnull(take(fragments, &frame, &len));
    frame = piece(10, PIECE, 8, false);
    g_assert_null(take(fragments, &frame, &len));
}
