/* SPDX-License-Identifier: MIT */
#include "fuzz-wire.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <glib.h>

static struct sockaddr_un
address_of(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    g_assert_cmpuint(strlen(name), <, sizeof address.sun_path);
    strcpy(address.sun_path, name);
    return address;
}

static int
connect_by(int type, const char *mine, const char *name)
{
    struct sockaddr_un other = address_of(name);
    int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    g_assert_cmpint(fd, >=, 0);
    if (mine) {
        struct sockaddr_un own = address_of(mine);

        g_assert_cmpint(bind(fd, (const struct sockaddr *)&own, sizeof own), ==, 0);
    }
    g_assert_cmpint(connect(fd, (const struct sockaddr *)&other, sizeof other), ==, 0);
    return fd;
}

int
fuzz_wire_connect(const char *name)
{
    return connect_by(SOCK_STREAM, NULL, name);
}

int
fuzz_wire_datagrams(const char *mine, const char *name)
{
    return connect_by(SOCK_DGRAM, mine, name);
}

int
fuzz_pieces_next(FuzzPieces *pieces, const uint8_t **ret_piece, size_t *ret_len)
{
    size_t len;

    if (pieces->left < 2) {
        return 0;
    }
    len = MIN((size_t)pieces->at[0] << 8 | pieces->at[1], pieces->left - 2);
    *ret_piece = pieces->at + 2;
    *ret_len = len;
    pieces->at += 2 + len;
    pieces->left -= 2 + len;
    return 1;
}
