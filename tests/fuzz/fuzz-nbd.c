/* SPDX-License-Identifier: MIT */
/*
 * What an engine sends to the server of block nodes (NBD): negotiation, options, requests.  The first byte selects the
 * size of the pieces in which the input arrives.
 */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "lib/fuzz-host.h"
#include "lib/fuzz-vm.h"
#include "vt-gen/program-vintage-backends.h"
#include "vt-runtime/vm.h"

#define ROUNDS 50
#define OWN    0
#define PEER   1

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_host_enter();
    return 0;
}

static const char *const words[] = {"-blockdev", "null-co,node-name=n,size=65536,read-zeroes=on", NULL};

/* Lets the server work, and reads what it has answered.  Returns false once the server has closed its end. */
static bool
go_on(int fd)
{
    static char answers[65536];
    ssize_t n;

    do {
        fuzz_settle(ROUNDS);
        n = recv(fd, answers, sizeof answers, MSG_DONTWAIT);
    } while (n > 0);
    return n < 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    int pair[2], made;
    size_t piece = len ? MAX(bytes[0], 1) : 1;
    FuzzVm vm;
    g_autoptr(GError) error = NULL;

    fuzz_host_reset();
    fuzz_vm_init(&vm, &vt_program_vintage_backends, words);
    fuzz_vm_start(&vm);
    made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);
    g_assert_cmpint(made, ==, 0);
    vt_object_serve(vt_vm_find(vm.vm, "block-node", "n"), pair[OWN], &error);
    g_assert_no_error(error);
    for (size_t at = 1; at < len; at += piece) {
        if (send(pair[PEER], bytes + at, MIN(piece, len - at), MSG_NOSIGNAL) < 0 || !go_on(pair[PEER])) {
            break;
        }
    }
    go_on(pair[PEER]);
    close(pair[PEER]);
    fuzz_settle(ROUNDS);
    fuzz_vm_clear(&vm);
    fuzz_host_check();
    return 0;
}
