/* SPDX-License-Identifier: MIT */
/*
 * A constant buffer as a struct iovec, for calls that read it.
 *
 * This is the only cast that drops 'const'. POSIX declares iov_base without it, because readv() and writev() share the
 * type. tests/lint/lint.py checks that no other file turns off the compiler's check (-Wcast-qual).
 */
#pragma once

#include <stddef.h>
#include <sys/uio.h>

/* Returns @size bytes of @data as a part of a message. Use it only for calls that do not write to the buffer: writev(),
 * sendmsg(), vt_net_send(), and block requests that write. */
static inline struct iovec
vt_iovec(const void *data, size_t size)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
    return (struct iovec){(void *)data, size};
#pragma GCC diagnostic pop
}
