/* SPDX-License-Identifier: MIT */
/*
 * Frames through filter-dump: the pcap file must contain exactly those frames, truncated to the maximum.
 */
#include "fuzz.h"

#include <string.h>

#include "lib/fuzz-host.h"
#include "lib/fuzz-vm.h"
#include "lib/fuzz-wire.h"
#include "vt-backends/net.h"
#include "vt-gen/program-vintage-backends.h"
#include "vt-runtime/iovec.h"

#define FILE_HEADER  24
#define FRAME_HEADER 16
#define SIZE_FACTOR  257

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_host_enter();
    return 0;
}

static uint32_t
word(const char *bytes, size_t at)
{
    uint32_t value;

    memcpy(&value, bytes + at, sizeof value);
    return value;
}

static void
check_file(const uint8_t *bytes, size_t len, uint32_t maximum)
{
    FuzzPieces pieces = {bytes, len};
    g_autofree char *file = NULL;
    const uint8_t *piece;
    size_t piece_len, size, at = FILE_HEADER;

    g_assert_true(g_file_get_contents("frames.pcap", &file, &size, NULL));
    g_assert_cmpuint(size, >=, FILE_HEADER);
    g_assert_cmphex(word(file, 0), ==, 0xa1b2c3d4);
    g_assert_cmpuint(word(file, 16), ==, maximum);
    while (fuzz_pieces_next(&pieces, &piece, &piece_len)) {
        size_t kept = MIN(piece_len, maximum);

        g_assert_cmpuint(size - at, >=, FRAME_HEADER + kept);
        g_assert_cmpuint(word(file, at + 8), ==, kept);
        g_assert_cmpuint(word(file, at + 12), ==, piece_len);
        g_assert_cmpmem(file + at + FRAME_HEADER, kept, piece, kept);
        at += FRAME_HEADER + kept;
    }
    g_assert_cmpuint(at, ==, size);
}

/* Each frame has two iovecs, so that filters see more than one. */
static void
send_all(VtNetEnd *end, const uint8_t *bytes, size_t len)
{
    FuzzPieces pieces = {bytes, len};
    const uint8_t *piece;
    size_t piece_len;

    while (fuzz_pieces_next(&pieces, &piece, &piece_len)) {
        struct iovec parts[] = {vt_iovec(piece, piece_len / 3),
                                vt_iovec(piece + piece_len / 3, piece_len - piece_len / 3)};

        vt_net_send(end, parts, G_N_ELEMENTS(parts));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const VtNetOps ops = {NULL};
    uint32_t maximum = len ? 1 + bytes[0] * SIZE_FACTOR : 1;
    g_autofree char *dump = g_strdup_printf("filter-dump,id=f,netdev=h,file=frames.pcap,maxlen=%u", maximum);
    const char *const words[] = {"-netdev", "hubport,id=h,hubid=0", "-object", dump, NULL};
    g_autoptr(GError) error = NULL;
    VtNetEnd *end;
    FuzzVm vm;

    if (!len) {
        return 0;
    }
    fuzz_host_reset();
    fuzz_vm_init(&vm, &vt_program_vintage_backends, words);
    fuzz_vm_start(&vm);
    end = vt_net_end_new(&ops, NULL);
    vt_net_connect(end, vt_netdev_end(vt_vm_find(vm.vm, "netdev", "h")), &error);
    g_assert_no_error(error);
    send_all(end, bytes + 1, len - 1);
    vt_net_end_free(end);
    fuzz_vm_clear(&vm);
    check_file(bytes + 1, len - 1, maximum);
    fuzz_host_check();
    return 0;
}
