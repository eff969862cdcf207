/* SPDX-License-Identifier: MIT */
/*
 * Codecs of general use: MAC addresses, UUIDs, sizes and file permissions.
 */
#include "vt-runtime/codec.h"

#include <errno.h>
#include <string.h>

#include "vt-runtime/error.h"

/* ---- MAC addresses ----------------------------------------------------------------------------------- */

/* Accepts six bytes of @min_digits to two hexadecimal digits, separated by ':' or '-'. The result has two lower-case
 * digits and ':'. */
static char *
normalise_bytes(const char *text, unsigned min_digits, GError **error)
{
    unsigned bytes[6];
    const char *p = text;

    for (unsigned i = 0; i < 6; i++) {
        unsigned n = 0;

        bytes[i] = 0;
        for (; n < 2 && g_ascii_isxdigit(*p); n++) {
            bytes[i] = bytes[i] << 4 | (unsigned)g_ascii_xdigit_value(*p++);
        }
        if (n < min_digits || (i < 5 ? *p != ':' && *p != '-' : *p != '\0')) {
            vt_error_set(error, "expected a MAC address (such as 52:54:00:12:34:56), got '%.40s'", text);
            return NULL;
        }
        p++;
    }
    return g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
}

static char *
normalise_mac(const char *text, GError **error)
{
    return normalise_bytes(text, 2, error);
}

const VtCodec vt_codec_mac = {.normalise = normalise_mac};

/* Bytes may have one digit. Also accepts a number, the last three bytes of an address of QEMU. Refuses the address of a
 * group. */
static char *
normalise_unicast_mac(const char *text, GError **error)
{
    bool is_hex = g_str_has_prefix(text, "0x");
    g_autofree char *mac = NULL;
    guint64 number;

    if (g_ascii_string_to_unsigned(text + 2 * is_hex, is_hex ? 16 : 10, 0, 0xffffff, &number, NULL)) {
        return g_strdup_printf("52:54:00:%02x:%02x:%02x", (unsigned)number >> 16, (unsigned)number >> 8 & 0xff,
                               (unsigned)number & 0xff);
    }
    mac = normalise_bytes(text, 1, error);
    if (mac && g_ascii_xdigit_value(mac[1]) & 1) {
        vt_error_set(error, "'%s' is a multicast address; expected an even first byte", mac);
        return NULL;
    }
    return g_steal_pointer(&mac);
}

const VtCodec vt_codec_unicast_mac = {.normalise = normalise_unicast_mac};

/* ---- UUIDs ------------------------------------------------------------------------------------------- */

/* Returns the UUID in lower case. */
static char *
normalise_uuid(const char *text, GError **error)
{
    bool ok = strlen(text) == 36;

    for (unsigned i = 0; ok && i < 36; i++) {
        ok = i == 8 || i == 13 || i == 18 || i == 23 ? text[i] == '-' : g_ascii_isxdigit(text[i]);
    }
    if (!ok) {
        vt_error_set(error, "expected a UUID (such as 1b4e28ba-2fa1-11d2-883f-0016d3cca427), got '%.60s'", text);
        return NULL;
    }
    return g_ascii_strdown(text, -1);
}

const VtCodec vt_codec_uuid = {.normalise = normalise_uuid};

/* ---- sizes ------------------------------------------------------------------------------------------- */

static const char suffixes[] = "BKMGTPE";

/* Reads the digits after a decimal point at *@end, and advances *@end. Returns their value in units of 1. */
static double
read_fraction(char **end)
{
    double value = 0;

    if (**end == '.' && g_ascii_isdigit((*end)[1])) {
        ++*end;
        for (double scale = 0.1; g_ascii_isdigit(**end); ++*end, scale /= 10) {
            value += (**end - '0') * scale;
        }
    }
    return value;
}

bool
vt_size_parse(const char *text, unsigned shift, int64_t *ret_value, GError **error)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    guint64 value;
    double fraction;
    char *end = NULL;
    const char *suffix;

    errno = 0;
    value = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &end, hex ? 16 : 10) : 0;
    fraction = end && !hex ? read_fraction(&end) : 0;
    suffix = end && *end ? strchr(suffixes, g_ascii_toupper(*end)) : NULL;
    if (!end || (*end && (!suffix || end[1]))) {
        return vt_error_set(error, "expected a size (such as 4096, 64K, 1G), got '%.40s'", text);
    }
    if (suffix) {
        shift = (unsigned)(suffix - suffixes) * 10;
    }
    if (errno == ERANGE || value > (guint64)G_MAXINT64 >> shift) {
        return vt_error_set(error, "'%.40s' exceeds the maximum size", text);
    }
    *ret_value = (int64_t)(value << shift) + (int64_t)(fraction * (double)(G_GINT64_CONSTANT(1) << shift));
    return true;
}

static bool
parse_size(const char *text, int64_t *ret_value, GError **error)
{
    return vt_size_parse(text, 0, ret_value, error);
}

/* Guest memory: the default unit is MiB, as in QEMU's -m. */
static bool
parse_memory_size(const char *text, int64_t *ret_value, GError **error)
{
    return vt_size_parse(text, 20, ret_value, error);
}

static char *
format_size(int64_t value)
{
    unsigned i = 0;

    while (value && i < 6 && value % 1024 == 0) {
        value /= 1024;
        i++;
    }
    return i ? g_strdup_printf("%" G_GINT64_FORMAT "%c", value, suffixes[i])
             : g_strdup_printf("%" G_GINT64_FORMAT, value);
}

static char *
format_memory_size(int64_t value)
{
    return value % 1024 ? g_strdup_printf("%" G_GINT64_FORMAT "B", value) : format_size(value);
}

const VtCodec vt_codec_size = {.parse = parse_size, .format = format_size};
const VtCodec vt_codec_memory_size = {.parse = parse_memory_size, .format = format_memory_size};

/* ---- file permissions ---------------------------------------------------------------------------------- */

static bool
parse_file_mode(const char *text, int64_t *ret_value, GError **error)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 8, 0, 0777, &value, NULL)) {
        return vt_error_set(error, "expected octal permissions from 0000 to 0777, got '%.40s'", text);
    }
    *ret_value = (int64_t)value;
    return true;
}

static char *
format_file_mode(int64_t value)
{
    return g_strdup_printf("%04o", (unsigned)value);
}

const VtCodec vt_codec_file_mode = {.parse = parse_file_mode, .format = format_file_mode};
