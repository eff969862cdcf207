/* SPDX-License-Identifier: MIT */
#include "text/keyval.h"

#include <stdlib.h>
#include <string.h>

#include "text/json-scan.h"

#define FRAGMENT_MAX 127 /* bytes between two dots, as in QEMU */

/* A dot sorts before all other bytes, so that 'a-b' does not come between 'a' and 'a.b'. */
static int
compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t n = MIN(a_len, b_len);

    for (size_t i = 0; i < n; i++) {
        if (a[i] != b[i]) {
            unsigned x = a[i] == '.' ? 0 : (uint8_t)a[i], y = b[i] == '.' ? 0 : (uint8_t)b[i];

            return x < y ? -1 : 1;
        }
    }
    return a_len < b_len ? -1 : a_len > b_len;
}

static void
add(VtKeyval *keyval, const VtSetting *setting, size_t *room)
{
    if (keyval->n == *room) {
        const VtSetting *before = keyval->settings;

        *room *= 2;
        keyval->settings = g_renew(VtSetting, before == keyval->few ? NULL : keyval->settings, *room);
        if (before == keyval->few) {
            memcpy(keyval->settings, before, sizeof keyval->few);
        }
    }
    keyval->settings[keyval->n++] = *setting;
}

static int
compare(const void *a, const void *b)
{
    const VtSetting *x = a, *y = b;
    int order = compare_bytes(x->key, x->key_len, y->key, y->key_len);

    return order ? order : x->order < y->order ? -1 : 1;
}

static bool
is_name_char(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '_' || c == '+';
}

/*
 * Copies the key of @len bytes at @p to @out, with 'a[0]' as 'a.0'. Returns the length, or 0 if the key is malformed.
 */
static size_t
copy_key(const char *p, size_t len, char *out)
{
    const char *end = p + len;
    size_t n = 0, fragment = 0;

    for (; p < end; p++) {
        if (is_name_char(*p)) {
            out[n++] = *p;
            if (++fragment > FRAGMENT_MAX) {
                return 0;
            }
        } else if (*p == '.' && fragment && p + 1 < end) {
            out[n++] = '.';
            fragment = 0;
        } else if (*p == '[' && fragment) {
            const char *digits = p + 1;

            out[n++] = '.';
            for (p = digits; p < end && g_ascii_isdigit(*p) && p - digits < FRAGMENT_MAX; p++) {
                out[n++] = *p;
            }
            if (p == digits || p == end || *p != ']' || (p + 1 < end && p[1] != '.' && p[1] != '[')) {
                return 0;
            }
        } else {
            return 0;
        }
    }
    return n;
}

/* Copies the value at @p up to a comma that is not doubled. *@ret_next is at that comma or at the end. */
static size_t
copy_value(const char *p, char *out, const char **ret_next)
{
    size_t n = 0;

    for (;;) {
        size_t len = (size_t)(strchrnul(p, ',') - p);
        bool doubled = p[len] && p[len + 1] == ',';

        memcpy(out + n, p, len + doubled);
        n += len + doubled;
        p += len;
        if (!doubled) {
            *ret_next = p;
            return n;
        }
        p += 2;
    }
}

static bool
parse(VtKeyval *keyval, const char *text, const char *implied_key, bool hides, char **ret_message)
{
    const char *p = text;
    char *out = keyval->pool;
    size_t room = G_N_ELEMENTS(keyval->few);

    while (*p) {
        VtSetting setting = {.key = out, .order = (uint32_t)keyval->n};
        size_t len = strcspn(p, "=,");

        setting.at = (uint32_t)(p - text);
        if (p == text && implied_key && len && p[len] != '=') {
            setting.key_len = (uint32_t)strlen(implied_key);
            memcpy(out, implied_key, setting.key_len);
        } else {
            if (p[len] != '=') {
                *ret_message = hides ? g_strdup("expected NAME=VALUE; in a value ',,' means a comma")
                               : len ? g_strdup_printf("expected '=' after '%.*s'", (int)MIN(len, 100), p)
                                     : g_strdup_printf("expected a name before '%c'", *p);
                return false;
            }
            setting.key_len = len > VT_SCAN_KEY ? 0 : (uint32_t)copy_key(p, len, out);
            if (!setting.key_len) {
                *ret_message = hides ? g_strdup("malformed name; in a value ',,' means a comma")
                                     : g_strdup_printf("malformed name '%.*s'", (int)MIN(len, 100), p);
                return false;
            }
            p += len + 1;
        }
        out[setting.key_len] = '\0';
        setting.value = out + setting.key_len + 1;
        setting.value_len = (uint32_t)copy_value(p, out + setting.key_len + 1, &p);
        out += setting.key_len + setting.value_len + 2;
        out[-1] = '\0';
        p += *p == ',';
        add(keyval, &setting, &room);
    }
    return true;
}

size_t
vt_keyval_size(size_t len, const char *implied_key)
{
    /* In the pool, NUL bytes replace '=' and ','; the last setting may lack ','. */
    return sizeof(VtKeyval) + len + (implied_key ? strlen(implied_key) : 0) + 3;
}

static void
start(VtKeyval *keyval, size_t len, const char *implied_key)
{
    keyval->settings = keyval->few;
    keyval->n = 0;
    keyval->size = vt_keyval_size(len, implied_key) - sizeof *keyval;
}

bool
vt_keyval_init(VtKeyval *keyval, const char *text, size_t len, const char *implied_key, bool hides, char **ret_message)
{
    start(keyval, len, implied_key);
    if (len > VT_SCAN_SIZE) {
        *ret_message = g_strdup_printf("exceeds the maximum of %u MiB", VT_SCAN_SIZE >> 20);
        return false;
    }
    if (!parse(keyval, text, implied_key, hides, ret_message)) {
        return false;
    }
    /* Most options have two settings: qsort() would take as long as the rest. */
    if (keyval->n == 2 && compare(&keyval->settings[0], &keyval->settings[1]) > 0) {
        VtSetting first = keyval->settings[0];

        keyval->settings[0] = keyval->settings[1];
        keyval->settings[1] = first;
    } else if (keyval->n > 2) {
        qsort(keyval->settings, keyval->n, sizeof *keyval->settings, compare);
    }
    return true;
}

void
vt_keyval_init_value(VtKeyval *keyval, const char *text, size_t len)
{
    start(keyval, len, NULL);
    memcpy(keyval->pool, text, len + 1);
    keyval->settings[0] = (VtSetting){.key = "", .value = keyval->pool, .value_len = (uint32_t)len};
    keyval->n = 1;
}

void
vt_keyval_clear(VtKeyval *keyval)
{
    if (keyval->settings != keyval->few) {
        g_free(keyval->settings);
    }
    explicit_bzero(keyval->pool, keyval->size);
}

VtKeyval *
vt_keyval_new(const char *text, const char *implied_key, bool hides, char **ret_message)
{
    size_t len = strlen(text);
    g_autoptr(VtKeyval) keyval = g_malloc(vt_keyval_size(len, implied_key));

    return vt_keyval_init(keyval, text, len, implied_key, hides, ret_message) ? g_steal_pointer(&keyval) : NULL;
}

void
vt_keyval_free(VtKeyval *keyval)
{
    if (keyval) {
        vt_keyval_clear(keyval);
        g_free(keyval);
    }
}

/* Whether the key is @name, or continues it after a dot. */
static bool
is_at(const VtSetting *setting, uint32_t prefix, const char *name, size_t len)
{
    const char *end = setting->key + prefix + len;

    return setting->key_len >= prefix + len && (*end == '\0' || *end == '.') &&
           memcmp(setting->key + prefix, name, len) == 0;
}

bool
vt_keyval_narrow(const VtKeyval *keyval, uint32_t *lo, uint32_t *hi, uint32_t prefix, const char *name, size_t len)
{
    uint32_t first = *lo, last = *hi;

    if (last - first <= G_N_ELEMENTS(keyval->few)) {
        for (; *lo < last && !is_at(&keyval->settings[*lo], prefix, name, len); ++*lo) {
        }
        for (*hi = *lo; *hi < last && is_at(&keyval->settings[*hi], prefix, name, len); ++*hi) {
        }
        return *lo < *hi;
    }
    while (first < last) {
        uint32_t mid = first + (last - first) / 2;
        const VtSetting *setting = &keyval->settings[mid];

        if (compare_bytes(setting->key + prefix, setting->key_len - prefix, name, len) < 0) {
            first = mid + 1;
        } else {
            last = mid;
        }
    }
    *lo = first;
    last = *hi;
    /* Keys that continue @name follow it directly. Find the end of their range. */
    for (uint32_t from = first; from < last;) {
        uint32_t mid = from + (last - from) / 2;
        const VtSetting *setting = &keyval->settings[mid];

        if (is_at(setting, prefix, name, len)) {
            from = mid + 1;
        } else {
            last = mid;
        }
        *hi = from;
    }
    return *lo < *hi;
}

const char *
vt_keyval_item_end(const char *text)
{
    text = strchrnul(text, ',');
    while (*text && text[1] == ',') {
        text = strchrnul(text + 2, ',');
    }
    return text;
}
