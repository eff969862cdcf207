/* SPDX-License-Identifier: MIT */
#include "telnet.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { SUB_END = 240, BREAK = 243, SUB = 250, WILL = 251, WONT, DO, DONT, IAC = 255 };
enum { BINARY = 0, ECHO = 1, GO_AHEAD = 3 };

/* Handles one byte.  True: it is data. */
static bool
take(VtCharChannel *channel, uint8_t byte)
{
    VtTelnet *telnet = channel->io_data;

    switch (telnet->state) {
    case VT_TELNET_DATA:
        if (byte != IAC) {
            return true;
        }
        telnet->state = VT_TELNET_COMMAND;
        return false;
    case VT_TELNET_COMMAND:
        telnet->state = byte >= WILL && byte <= DONT ? VT_TELNET_OPTION : byte == SUB ? VT_TELNET_SUB : VT_TELNET_DATA;
        if (byte == BREAK) {
            vt_chardev_event(channel->chardev, VT_CHAR_BREAK);
        }
        return byte == IAC;
    case VT_TELNET_OPTION:
        telnet->state = VT_TELNET_DATA;
        return false;
    case VT_TELNET_SUB:
        telnet->state = byte == IAC ? VT_TELNET_SUB_COMMAND : VT_TELNET_SUB;
        return false;
    default:
        telnet->state = byte == SUB_END ? VT_TELNET_DATA : VT_TELNET_SUB;
        return false;
    }
}

static ssize_t
read_line(VtCharChannel *channel, void *data, size_t size)
{
    uint8_t *bytes = data;
    ssize_t n = read(channel->in, data, size), kept = 0;

    for (ssize_t i = 0; i < n; i++) {
        if (take(channel, bytes[i])) {
            bytes[kept++] = bytes[i];
        }
    }
    if (n > 0 && !kept) {
        errno = EAGAIN;
        return -1;
    }
    return n > 0 ? kept : n;
}

static const uint8_t twice[] = {IAC, IAC};

static bool
flush(VtCharChannel *channel)
{
    VtTelnet *telnet = channel->io_data;

    if (telnet->owes && (write(channel->out, twice, 1) == 1 || errno != EAGAIN)) {
        telnet->owes = false;
    }
    return !telnet->owes;
}

static ssize_t
write_line(VtCharChannel *channel, const void *data, size_t size)
{
    VtTelnet *telnet = channel->io_data;
    const uint8_t *special;
    ssize_t n;

    if (!flush(channel)) {
        errno = EAGAIN;
        return -1;
    }
    special = memchr(data, IAC, size);
    if (special != data) {
        return write(channel->out, data, special ? (size_t)(special - (const uint8_t *)data) : size);
    }
    n = write(channel->out, twice, sizeof twice);
    telnet->owes = n == 1;
    return n > 0 ? 1 : n;
}

const VtChannelIo vt_telnet_io = {.read = read_line, .write = write_line, .flush = flush};

bool
vt_telnet_begin(VtTelnet *telnet, int fd)
{
    static const uint8_t wishes[] = {IAC, WILL, ECHO, IAC, WILL, GO_AHEAD, IAC, WILL, BINARY, IAC, DO, BINARY};

    *telnet = (VtTelnet){VT_TELNET_DATA, false};
    return write(fd, wishes, sizeof wishes) == sizeof wishes;
}
