/* SPDX-License-Identifier: MIT */
/*
 * The header of an image, and its extensions.
 */
#include <string.h>

#include "qcow2.h"
#include "vt-runtime/error.h"

#define LENGTH_2          72
#define LENGTH_3          104
#define CLUSTER_BITS_MIN  9
#define CLUSTER_BITS_MAX  21
#define EXTENDED_BITS_MIN 14
#define TABLE_MAX         (UINT64_C(8) << 20) /* bytes of the refcount table */
#define SNAPSHOTS_MAX     65536
#define BITMAPS_MAX       65535
#define BACKING_NAME_MAX  1023
#define KNOWN             (VT_QCOW2_DIRTY | VT_QCOW2_CORRUPT | VT_QCOW2_DATA_FILE | VT_QCOW2_COMPRESSION | VT_QCOW2_EXTENDED)

enum {
    EXTENSION_END = 0,
    EXTENSION_BACKING_FORMAT = 0xe2792aca,
    EXTENSION_NAMES = 0x6803f857,
    EXTENSION_BITMAPS = 0x23852875,
    EXTENSION_DATA_FILE = 0x44415441,
};

static uint32_t
get32(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

/* ---- the fixed part ------------------------------------------------------------------------------------- */

static void
read_fixed(VtQcow2Header *header, const uint8_t *data)
{
    *header = (VtQcow2Header){
        .version = get32(data + 4),
        .cluster_bits = get32(data + 20),
        .size = vt_qcow2_get64(data + 24),
        .l1_size = get32(data + 36),
        .l1_offset = vt_qcow2_get64(data + 40),
        .table_offset = vt_qcow2_get64(data + 48),
        .table_clusters = get32(data + 56),
        .n_snapshots = get32(data + 60),
        .snapshots_offset = vt_qcow2_get64(data + 64),
        .refcount_order = 4,
        .length = LENGTH_2,
    };
    if (header->version == 3) {
        header->incompatible = vt_qcow2_get64(data + 72);
        header->compatible = vt_qcow2_get64(data + 80);
        header->autoclear = vt_qcow2_get64(data + 88);
        header->refcount_order = get32(data + 96);
        header->length = get32(data + 100);
    }
}

/* The name that the image itself has for a feature; NULL: none. */
static char *
feature_name(const VtQcow2Header *header, const uint8_t *data, size_t size, unsigned bit)
{
    size_t at = header->length;

    while (at + 8 <= size && get32(data + at) != EXTENSION_END) {
        size_t len = get32(data + at + 4);

        if (len > size - at - 8) {
            break;
        }
        for (size_t i = 0; get32(data + at) == EXTENSION_NAMES && i + 48 <= len; i += 48) {
            const uint8_t *entry = data + at + 8 + i;

            if (entry[0] == 0 && entry[1] == bit) {
                g_autofree char *name = g_strndup((const char *)entry + 2, 46);

                return g_utf8_make_valid(name, -1);
            }
        }
        at += 8 + (len + 7) / 8 * 8;
    }
    return NULL;
}

static bool
check_features(const VtQcow2Header *header, const uint8_t *data, size_t size, GError **error)
{
    uint64_t unknown = header->incompatible & ~(uint64_t)KNOWN;
    g_autofree char *name = NULL;
    unsigned bit = 0;

    if (!unknown) {
        return true;
    }
    while (!(unknown >> bit & 1)) {
        bit++;
    }
    name = feature_name(header, data, size, bit);
    return vt_error_set(error, "file: the image has the incompatible feature '%s' (bit %u), which is not supported",
                        name ? name : "unknown", bit);
}

static bool
check_sizes(const VtQcow2Header *header, GError **error)
{
    unsigned least = header->incompatible & VT_QCOW2_EXTENDED ? EXTENDED_BITS_MIN : CLUSTER_BITS_MIN;

    if (header->cluster_bits < least || header->cluster_bits > CLUSTER_BITS_MAX) {
        return vt_error_set(error, "file: the image has clusters of 2^'%u' bytes; expected 2^%u to 2^%d",
                            header->cluster_bits, least, CLUSTER_BITS_MAX);
    }
    if (header->refcount_order > 6) {
        return vt_error_set(error, "file: the image has a refcount order of '%u'; expected 0 to 6",
                            header->refcount_order);
    }
    if (header->version == 3 &&
        (header->length < LENGTH_3 || header->length % 8 || header->length > UINT32_C(1) << header->cluster_bits)) {
        return vt_error_set(error, "file: the image has a header of '%u' bytes; expected a multiple of 8 from %d on",
                            header->length, LENGTH_3);
    }
    if (header->size > (uint64_t)INT64_MAX - (UINT64_C(1) << CLUSTER_BITS_MAX)) {
        return vt_error_set(error, "file: the image has a disk of '%" G_GUINT64_FORMAT "' bytes, which is too large",
                            header->size);
    }
    return true;
}

/* ---- tables --------------------------------------------------------------------------------------------- */

static bool
check_table(const VtQcow2Header *header, const char *what, uint64_t offset, uint64_t size, uint64_t most,
            uint64_t length, GError **error)
{
    uint64_t cluster = UINT64_C(1) << header->cluster_bits;

    if (size > most) {
        return vt_error_set(
            error, "file: the %s of the image has '%" G_GUINT64_FORMAT "' bytes; expected at most %" G_GUINT64_FORMAT,
            what, size, most);
    }
    if (size && (offset % cluster || !offset)) {
        return vt_error_set(error,
                            "file: the %s of the image is at '%" G_GUINT64_FORMAT
                            "'; expected a multiple of the cluster size, %" G_GUINT64_FORMAT,
                            what, offset, cluster);
    }
    if (size && (offset > length || size > length - offset)) {
        return vt_error_set(error,
                            "file: the %s of the image is at '%" G_GUINT64_FORMAT "' with %" G_GUINT64_FORMAT
                            " bytes, which is after the end of the file at %" G_GUINT64_FORMAT,
                            what, offset, size, length);
    }
    return true;
}

static bool
check_tables(const VtQcow2Header *header, uint64_t length, GError **error)
{
    uint64_t cluster = UINT64_C(1) << header->cluster_bits;
    uint64_t entry = header->incompatible & VT_QCOW2_EXTENDED ? 16 : 8;
    uint64_t covered = cluster / entry * cluster; /* by an entry of the L1 table */
    uint64_t needed = header->size / covered + (header->size % covered != 0);

    /* The file can end within its last cluster. */
    length = (length + cluster - 1) / cluster * cluster;
    if (!check_table(header, "L1 table", header->l1_offset, (uint64_t)header->l1_size * 8, VT_QCOW2_L1_MAX, length,
                     error) ||
        !check_table(header, "refcount table", header->table_offset, header->table_clusters * cluster,
                     MAX(TABLE_MAX, cluster), length, error)) {
        return false;
    }
    if (header->l1_size < needed) {
        return vt_error_set(error,
                            "file: the L1 table of the image has '%u' entries; its disk of %" G_GUINT64_FORMAT
                            " bytes needs %" G_GUINT64_FORMAT,
                            header->l1_size, header->size, needed);
    }
    if (!header->table_clusters) {
        return vt_error_set(error, "file: the image has a refcount table of '0' clusters; expected at least 1");
    }
    if (header->n_snapshots > SNAPSHOTS_MAX) {
        return vt_error_set(error, "file: the image has '%u' snapshots; expected at most %d", header->n_snapshots,
                            SNAPSHOTS_MAX);
    }
    return check_table(header, "snapshot table", header->snapshots_offset, (uint64_t)header->n_snapshots * 40,
                       UINT64_MAX, length, error) &&
           check_table(header, "bitmap directory", header->bitmaps_offset, header->bitmaps_size, UINT64_MAX, length,
                       error);
}

/* ---- extensions ----------------------------------------------------------------------------------------- */

static bool
take_bitmaps(VtQcow2Header *header, const uint8_t *data, size_t size, GError **error)
{
    if (size != 24) {
        return vt_error_set(error, "file: the bitmaps extension of the image has '%zu' bytes; expected 24", size);
    }
    header->n_bitmaps = get32(data);
    header->bitmaps_size = vt_qcow2_get64(data + 8);
    header->bitmaps_offset = vt_qcow2_get64(data + 16);
    if (!header->n_bitmaps || header->n_bitmaps > BITMAPS_MAX) {
        return vt_error_set(error, "file: the image has '%u' bitmaps; expected 1 to %d", header->n_bitmaps,
                            BITMAPS_MAX);
    }
    return true;
}

static bool
take_extension(VtQcow2Header *header, uint32_t type, const uint8_t *data, size_t size, GError **error)
{
    switch (type) {
    case EXTENSION_BACKING_FORMAT:
        g_free(header->backing_format);
        header->backing_format = g_strndup((const char *)data, size);
        return true;
    case EXTENSION_DATA_FILE:
        g_free(header->data_file);
        header->data_file = g_strndup((const char *)data, size);
        return true;
    case EXTENSION_BITMAPS:
        return take_bitmaps(header, data, size, error);
    default:
        return true;
    }
}

static bool
read_extensions(VtQcow2Header *header, const uint8_t *data, size_t size, uint64_t end, GError **error)
{
    size_t at = header->length;

    size = MIN(size, end);
    while (at + 8 <= size && get32(data + at) != EXTENSION_END) {
        uint32_t type = get32(data + at);
        size_t len = get32(data + at + 4);

        if (len > size - at - 8) {
            return vt_error_set(error,
                                "file: the header extension '0x%08x' of the image has '%zu' bytes; there are %zu", type,
                                len, size - at - 8);
        }
        if (!take_extension(header, type, data + at + 8, len, error)) {
            return false;
        }
        at += 8 + (len + 7) / 8 * 8;
    }
    return true;
}

static bool
read_backing(VtQcow2Header *header, const uint8_t *data, size_t size, uint64_t *ret_end, GError **error)
{
    uint64_t offset = vt_qcow2_get64(data + 8), len = get32(data + 16);

    *ret_end = size;
    if (!offset) {
        return true;
    }
    if (!len || len > BACKING_NAME_MAX || offset > size || len > size - offset) {
        return vt_error_set(error,
                            "file: the image has a backing file name of '%" G_GUINT64_FORMAT
                            "' bytes; expected 1 to %d in the first cluster",
                            len, BACKING_NAME_MAX);
    }
    header->backing = g_strndup((const char *)data + offset, len);
    *ret_end = MAX(offset, header->length);
    return true;
}

/* ---- all ------------------------------------------------------------------------------------------------ */

static bool
check_methods(VtQcow2Header *header, const uint8_t *data, size_t size, GError **error)
{
    static const char *const methods[] = {"none", "aes", "luks"};
    uint32_t method = get32(data + 32);

    if (method) {
        return vt_error_set(error, "file: the image is encrypted with '%s', which is not supported",
                            method < G_N_ELEMENTS(methods) ? methods[method] : "unknown");
    }
    if (header->incompatible & VT_QCOW2_COMPRESSION) {
        header->compression = header->length > LENGTH_3 && size > LENGTH_3 ? data[LENGTH_3] : 0;
        if (header->compression != 1) {
            return vt_error_set(error, "file: the image has the compression type '%u'; expected 1, zstd",
                                header->compression);
        }
    }
    return true;
}

bool
vt_qcow2_header_read(VtQcow2Header *header, const uint8_t *data, size_t size, uint64_t length, GError **error)
{
    uint32_t magic = size >= 4 ? get32(data) : 0;
    uint64_t end;

    *header = (VtQcow2Header){0};
    if (magic != VT_QCOW2_MAGIC) {
        return vt_error_set(error, "file: the file is no qcow2 image: it begins with '0x%08x'; expected 0x%08x", magic,
                            VT_QCOW2_MAGIC);
    }
    if (size < LENGTH_2 || (get32(data + 4) == 3 && size < LENGTH_3)) {
        return vt_error_set(error, "file: the file ends after '%zu' bytes, within the header of the image", size);
    }
    if (get32(data + 4) != 2 && get32(data + 4) != 3) {
        return vt_error_set(error, "file: the image has version '%u' of qcow2; expected 2 or 3", get32(data + 4));
    }
    read_fixed(header, data);
    if (!check_features(header, data, size, error) || !check_sizes(header, error)) {
        return false;
    }
    size = MIN(size, (size_t)1 << header->cluster_bits);
    return check_methods(header, data, size, error) && read_backing(header, data, size, &end, error) &&
           read_extensions(header, data, size, end, error) && check_tables(header, length, error);
}

void
vt_qcow2_header_clear(VtQcow2Header *header)
{
    g_clear_pointer(&header->backing, g_free);
    g_clear_pointer(&header->backing_format, g_free);
    g_clear_pointer(&header->data_file, g_free);
}
