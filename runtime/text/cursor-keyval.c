/* SPDX-License-Identifier: MIT */
/*
 * The cursor of key=value text.
 *
 * A value is a range of settings whose keys have a common prefix. A key that ends after the prefix makes the value a
 * word. Longer keys make it a group: an object or a list, as the visit decides.
 */
#include <json-c/json.h>

#include "text/cursor.h"

static uint32_t
start_of(const VtMark *place)
{
    return place->prefix ? place->prefix + 1 : 0;
}

VtToken
vt_keyval_token(VtCursor *c)
{
    const VtSetting *settings = c->keyval->settings;

    if (c->here.lo == c->here.hi || settings[c->here.lo].key_len > c->here.prefix) {
        return VT_TOKEN_GROUP;
    }
    if (settings[c->here.hi - 1].key_len > c->here.prefix) {
        vt_cursor_fail(c, "has both a value and members ('%s')", settings[c->here.hi - 1].key);
        return VT_TOKEN_BAD;
    }
    return VT_TOKEN_WORD;
}

static size_t
first_fragment(const char *key)
{
    return strcspn(key, ".");
}

/* Returns the length of the longest declared name at the start of the key, or else of the first fragment. */
static size_t
cut(const VtSetting *setting, uint32_t start, VtDeclared declared, const void *table, bool *ret_declared)
{
    const char *key = setting->key + start;

    *ret_declared = false;
    if (declared) {
        for (size_t len = setting->key_len - start; len; len--) {
            if ((key[len] == '\0' || key[len] == '.') && declared(table, key, len)) {
                *ret_declared = true;
                return len;
            }
        }
    }
    return first_fragment(key);
}

static size_t
count_elements(const VtKeyval *keyval, uint32_t lo, uint32_t hi, uint32_t prefix)
{
    size_t n = 0, before = 0;

    for (uint32_t i = lo; i < hi; i++) {
        const VtSetting *setting = &keyval->settings[i];
        size_t len;

        if (setting->key_len == prefix) {
            n++;
            continue;
        }
        len = first_fragment(setting->key + prefix + 1);
        n += !before || before != len || memcmp(setting->key + prefix + 1, setting[-1].key + prefix + 1, len) != 0;
        before = len;
    }
    return n;
}

/* Handles 'len-x=N' of a list x: checks N. VT_MORE_YES: the list has no elements, and is the current value. */
static VtMore
visit_length(VtCursor *c, VtMembers *members, const VtSetting *setting, const char *name)
{
    uint32_t lo = members->place.lo, hi = members->place.hi, start = start_of(&members->place);
    size_t len = strlen(name), n = 0;
    guint64 said;

    if (vt_keyval_narrow(c->keyval, &lo, &hi, start, name, len)) {
        n = count_elements(c->keyval, lo, hi, start + (uint32_t)len);
    }
    if (!g_ascii_string_to_unsigned(setting->value, 10, 0, G_MAXUINT32, &said, NULL)) {
        vt_cursor_fail(c, "len-%s: expected a count, got '%s'", name, setting->value);
        return VT_MORE_ERROR;
    }
    if (said != n) {
        vt_cursor_fail_plain(c, "len-%s is %" G_GUINT64_FORMAT ", but the list has %zu elements", name, said, n);
        return VT_MORE_ERROR;
    }
    members->key = (VtText){.s = name, .len = len};
    c->here = (VtMark){.prefix = start + (uint32_t)len};
    return n ? VT_MORE_END : VT_MORE_YES;
}

/* Returns whether setting @i is a member of its own, whatever names are declared: its key has one fragment, is no
 * length of a list, and is no prefix of the next key. */
static bool
is_alone(const VtKeyval *keyval, uint32_t i, uint32_t start, uint32_t end)
{
    const VtSetting *setting = &keyval->settings[i], *next = setting + 1;
    size_t len = setting->key_len - start;
    bool is_length = len > 4 && memcmp(setting->key + start, "len-", 4) == 0;

    return !is_length && !memchr(setting->key + start, '.', len) &&
           (i + 1 == end || next->key_len < setting->key_len || memcmp(next->key, setting->key, setting->key_len) != 0);
}

static VtMore
take_members(VtCursor *c, VtMembers *members, uint32_t end, size_t len)
{
    uint32_t start = start_of(&members->place), first = (uint32_t)members->index;

    c->here = (VtMark){.lo = first, .hi = end, .prefix = start + (uint32_t)len};
    members->index = end;
    members->key = (VtText){.s = c->keyval->settings[first].key + start, .len = len};
    return VT_MORE_YES;
}

static VtMore
more_members(VtCursor *c, VtMembers *members, VtDeclared declared, const void *table)
{
    uint32_t start = start_of(&members->place), i, end = members->place.hi;

    while ((i = (uint32_t)members->index) < end) {
        const VtSetting *setting = &c->keyval->settings[i];
        const char *key = setting->key + start;
        bool known, other;
        size_t len;

        if (is_alone(c->keyval, i, start, end)) {
            return take_members(c, members, i + 1, setting->key_len - start);
        }
        len = cut(setting, start, declared, table, &known);
        if (!known && declared && g_str_has_prefix(key, "len-") && declared(table, key + 4, strlen(key + 4))) {
            VtMore more = visit_length(c, members, setting, key + 4);

            members->index++;
            if (more == VT_MORE_END) {
                continue;
            }
            return more;
        }
        for (i++; i < end; i++) {
            const VtSetting *next = &c->keyval->settings[i];

            if (next->key_len < start + len || memcmp(next->key + start, key, len) != 0 ||
                cut(next, start, declared, table, &other) != len || other != known) {
                break;
            }
        }
        return take_members(c, members, i, len);
    }
    return VT_MORE_END;
}

static VtMore
more_elements(VtCursor *c, VtMembers *members)
{
    const VtSetting *settings = c->keyval->settings;
    uint32_t start = start_of(&members->place), lo = members->place.lo, hi = members->place.hi;
    size_t index = members->index - lo;
    char name[24];
    size_t len;

    if (members->index < hi && settings[lo].key_len == members->place.prefix) {
        c->here = (VtMark){.lo = lo + (uint32_t)index, .hi = lo + (uint32_t)index + 1, .prefix = members->place.prefix};
        members->index++;
        return VT_MORE_YES;
    }
    if (lo == hi || settings[lo].key_len == members->place.prefix) {
        return VT_MORE_END;
    }
    len = (size_t)g_snprintf(name, sizeof name, "%zu", index);
    if (vt_keyval_narrow(c->keyval, &lo, &hi, start, name, len)) {
        c->here = (VtMark){.lo = lo, .hi = hi, .prefix = start + (uint32_t)len};
        members->index++;
        members->seen += hi - lo;
        return VT_MORE_YES;
    }
    if (members->seen == members->place.hi - members->place.lo) {
        return VT_MORE_END;
    }
    for (uint32_t i = members->place.lo; i < members->place.hi; i++) {
        const char *key = settings[i].key + start;
        size_t fragment = first_fragment(key);
        g_autofree char *copy = g_strndup(key, fragment);
        guint64 number;

        if (!g_ascii_string_to_unsigned(copy, 10, 0, G_MAXUINT64, &number, NULL) || number >= index ||
            (copy[0] == '0' && fragment > 1)) {
            vt_cursor_fail(c, "expected element %zu of a list, got '%s'", index, copy);
            break;
        }
    }
    return VT_MORE_ERROR;
}

VtMore
vt_keyval_more(VtCursor *c, VtMembers *members, VtDeclared declared, const void *table)
{
    return members->list ? more_elements(c, members) : more_members(c, members, declared, table);
}
