/* SPDX-License-Identifier: MIT */
/*
 * Frames from outside, through a hub into the user network (libslirp) and a dump.  The first byte selects raw bytes of
 * a 'stream', frames in its format, or datagrams of 'dgram'.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fuzz-host.h"
#include "lib/fuzz-vm.h"
#include "lib/fuzz-wire.h"
#include "vt-gen/program-vintage-backends.h"

#define ROUNDS 200
#define KINDS  3

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_host_enter();
    return 0;
}

static const char *const words[] = {
    "-netdev", "user,id=u",
    "-netdev", "hubport,id=hu,hubid=0,netdev=u",
    "-netdev", "stream,id=s,server=on,addr.type=unix,addr.path=stream",
    "-netdev", "hubport,id=hs,hubid=0,netdev=s",
    "-netdev", "dgram,id=d,local.type=unix,local.path=dgram,remote.type=unix,remote.path=peer",
    "-netdev", "hubport,id=hd,hubid=0,netdev=d",
    "-object", "filter-dump,id=f,netdev=u,file=frames.pcap",
    NULL,
};

static void
pour(int fd)
{
    static char answers[65536];

    fuzz_settle(ROUNDS);
    while (recv(fd, answers, sizeof answers, 0) > 0) {
    }
}

static void
send_bytes(int fd, const uint8_t *bytes, size_t len)
{
    if (send(fd, bytes, len, MSG_NOSIGNAL) >= 0) {
        pour(fd);
    }
}

static void
send_frames(int fd, bool framed, const uint8_t *bytes, size_t len)
{
    FuzzPieces pieces = {bytes, len};
    const uint8_t *piece;
    size_t piece_len;

    while (fuzz_pieces_next(&pieces, &piece, &piece_len)) {
        uint32_t head = GUINT32_TO_BE((uint32_t)piece_len);

        if (framed) {
            send_bytes(fd, (const uint8_t *)&head, sizeof head);
        }
        if (piece_len || !framed) {
            send_bytes(fd, piece, piece_len);
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    unsigned kind = len ? bytes[0] % KINDS : 0;
    FuzzVm vm;
    int fd;

    if (!len) {
        return 0;
    }
    fuzz_host_reset();
    fuzz_vm_init(&vm, &vt_program_vintage_backends, words);
    fuzz_vm_start(&vm);
    fd = kind == 2 ? fuzz_wire_datagrams("peer", "dgram") : fuzz_wire_connect("stream");
    fuzz_settle(ROUNDS);
    if (kind == 0) {
        send_bytes(fd, bytes + 1, len - 1);
    } else {
        send_frames(fd, kind == 1, bytes + 1, len - 1);
    }
    close(fd);
    fuzz_settle(ROUNDS);
    fuzz_vm_clear(&vm);
    fuzz_host_check();
    return 0;
}
