/* SPDX-License-Identifier: MIT */
/*
 * A telnet client of a character device.  Compares the input of the front end with the protocol's definition, and its
 * output with what the client reads.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fuzz-host.h"
#include "lib/fuzz-vm.h"
#include "lib/fuzz-wire.h"
#include "vt-backends/char.h"
#include "vt-gen/program-vintage-backends.h"

#define ROUNDS    200
#define PIECE     5
#define WISHES    12 /* bytes of the server's initial negotiation */
#define INPUT_MAX 4096

enum { SUB_END = 240, SUB = 250, WILL = 251, DONT = 254, ESCAPE = 255 };

typedef struct Front {
    VtCharFront *front;
    GByteArray *got;
} Front;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_host_enter();
    return 0;
}

static size_t
can_read(void *opaque)
{
    (void)opaque;
    return PIECE;
}

static void
take(void *opaque, const uint8_t *data, size_t size)
{
    g_assert_cmpuint(size, <=, PIECE);
    g_byte_array_append(((Front *)opaque)->got, data, (guint)size);
}

static const VtCharFrontOps ops = {.can_read = can_read, .read = take};

/* A reference implementation of the protocol: returns the data bytes among @bytes. */
static GByteArray *
line_of(const uint8_t *bytes, size_t len)
{
    GByteArray *line = g_byte_array_new();
    size_t i = 0;

    while (i < len) {
        if (bytes[i] != ESCAPE || (i + 1 < len && bytes[i + 1] == ESCAPE)) {
            g_byte_array_append(line, &bytes[i], 1);
            i += bytes[i] == ESCAPE ? 2 : 1;
        } else if (i + 1 == len) {
            break;
        } else if (bytes[i + 1] == SUB) {
            for (i += 2; i + 1 < len && !(bytes[i] == ESCAPE && bytes[i + 1] == SUB_END);) {
                i += bytes[i] == ESCAPE ? 2 : 1;
            }
            i += 2;
        } else {
            i += bytes[i + 1] >= WILL && bytes[i + 1] <= DONT ? 3 : 2;
        }
    }
    return line;
}

static void
check_input(const Front *front, const uint8_t *bytes, size_t len)
{
    g_autoptr(GByteArray) line = line_of(bytes, len);

    g_assert_cmpmem(front->got->data, front->got->len, line->data, line->len);
}

/* Doubles every byte 255. */
static void
check_output(int fd, const uint8_t *bytes, size_t len)
{
    static uint8_t got[WISHES + 2 * INPUT_MAX];
    ssize_t n = recv(fd, got, sizeof got, 0);
    g_autoptr(GByteArray) line = NULL;

    g_assert_cmpint(n, >=, WISHES);
    line = line_of(got + WISHES, (size_t)n - WISHES);
    g_assert_cmpmem(line->data, line->len, bytes, len);
}

static void
converse(Front *front, int fd, const uint8_t *bytes, size_t len)
{
    size_t written = 0;

    for (size_t at = 0; at < len; at += PIECE * 3) {
        size_t piece = MIN(PIECE * 3, len - at);

        g_assert_cmpint(send(fd, bytes + at, piece, MSG_NOSIGNAL), ==, (gssize)piece);
        fuzz_settle(ROUNDS);
    }
    check_input(front, bytes, len);
    for (size_t n; written < len && (n = vt_char_write(front->front, bytes + written, len - written)); written += n) {
    }
    check_output(fd, bytes, written);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const words[] = {"-chardev", "socket,id=c,path=line,server=on,wait=off,telnet=on", NULL};
    Front front = {.got = g_byte_array_new()};
    g_autoptr(GError) error = NULL;
    FuzzVm vm;
    int fd;

    len = MIN(len, INPUT_MAX);
    fuzz_host_reset();
    fuzz_vm_init(&vm, &vt_program_vintage_backends, words);
    fuzz_vm_start(&vm);
    front.front = vt_char_attach(vt_vm_find(vm.vm, "chardev", "c"), "fuzz", &ops, &front, &error);
    g_assert_no_error(error);
    fd = fuzz_wire_connect("line");
    fuzz_settle(ROUNDS);
    converse(&front, fd, bytes, len);
    close(fd);
    fuzz_settle(ROUNDS);
    vt_char_detach(front.front);
    g_byte_array_unref(front.got);
    fuzz_vm_clear(&vm);
    fuzz_host_check();
    return 0;
}
