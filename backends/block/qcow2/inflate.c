/* SPDX-License-Identifier: MIT */
/*
 * Compressed clusters.  The libraries are loaded with the first image.
 */
#include <errno.h>

#include "qcow2.h"
#include "vt-runtime/error.h"
#include "vt-runtime/iovec.h"
#include "vt-runtime/library.h"

#ifdef CONFIG_ZLIB
#include <zlib.h>

/* inflateInit2() is a macro of the header. */
#define ZLIB_FUNCTIONS(F) F(inflateInit2_) F(inflate) F(inflateEnd)
static struct {
    ZLIB_FUNCTIONS(VT_LIBRARY_POINTER)
} z;
VT_LIBRARY(zlib, VT_SONAME_ZLIB, ZLIB_FUNCTIONS(VT_LIBRARY_NAME), z);

/* Raw deflate data, which may end before @size bytes. */
static int
inflate_zlib(const uint8_t *from, size_t size, uint8_t *to, size_t to_size)
{
    struct iovec in = vt_iovec(from, size);
    z_stream stream = {.next_in = in.iov_base, .avail_in = (uInt)size, .next_out = to, .avail_out = (uInt)to_size};
    int result;

    if (z.inflateInit2_(&stream, -15, ZLIB_VERSION, (int)sizeof(stream)) != Z_OK) {
        return -ENOMEM;
    }
    result = z.inflate(&stream, Z_FINISH);
    z.inflateEnd(&stream);
    return (result == Z_STREAM_END || result == Z_BUF_ERROR) && !stream.avail_out ? 0 : -EIO;
}
#endif

#ifdef CONFIG_ZSTD
#include <zstd.h>

#define ZSTD_FUNCTIONS(F) F(ZSTD_createDStream) F(ZSTD_decompressStream) F(ZSTD_freeDStream) F(ZSTD_isError)
static struct {
    ZSTD_FUNCTIONS(VT_LIBRARY_POINTER)
} zs;
VT_LIBRARY(zstd, VT_SONAME_ZSTD, ZSTD_FUNCTIONS(VT_LIBRARY_NAME), zs);

static int
inflate_zstd(const uint8_t *from, size_t size, uint8_t *to, size_t to_size)
{
    ZSTD_DStream *stream = zs.ZSTD_createDStream();
    ZSTD_inBuffer in = {from, size, 0};
    ZSTD_outBuffer out = {to, to_size, 0};
    int failure = stream ? 0 : -ENOMEM;

    while (!failure && out.pos < out.size) {
        size_t before = in.pos + out.pos, result = zs.ZSTD_decompressStream(stream, &out, &in);

        if (zs.ZSTD_isError(result) || in.pos + out.pos == before) {
            failure = -EIO;
        }
    }
    if (stream) {
        zs.ZSTD_freeDStream(stream);
    }
    return failure;
}
#endif

bool
vt_qcow2_inflate_load(const VtQcow2Header *header, GError **error)
{
    if (header->compression == 1) {
#ifdef CONFIG_ZSTD
        return vt_library_load(&zstd, error);
#else
        return vt_error_set(error, "file: the image has the compression type 'zstd'; this build has no libzstd");
#endif
    }
#ifdef CONFIG_ZLIB
    return vt_library_load(&zlib, error);
#else
    /* Few images have compressed clusters; reading one of these fails. */
    return true;
#endif
}

int
vt_qcow2_inflate(uint32_t compression, const uint8_t *from, size_t size, uint8_t *to, size_t to_size)
{
    if (compression == 1) {
#ifdef CONFIG_ZSTD
        return inflate_zstd(from, size, to, to_size);
#endif
    } else {
#ifdef CONFIG_ZLIB
        return inflate_zlib(from, size, to, to_size);
#endif
    }
    return -ENOTSUP;
}
