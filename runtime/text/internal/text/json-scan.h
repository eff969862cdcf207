/* SPDX-License-Identifier: MIT */
/*
 * Scan: the strict scanner of JSON text.
 *
 * The scanner reads one token at a time and builds no tree. The text need not end with NUL. It accepts RFC 8259, except
 * that strings contain no NUL and values nest at most VT_SCAN_DEPTH levels.
 *
 * Functions that return bool return false on failure. The scan keeps the message and position of the first failure.
 * After a failure, the state is undefined until vt_scan_init().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <glib.h>

#include "vt-runtime/wipe.h"

#define VT_SCAN_DEPTH 64
#define VT_SCAN_SIZE  (64u << 20)
#define VT_SCAN_KEY   4096
#define VT_COLD       __attribute__((cold, noinline))

/* Returns whether text about @subject may contain a sensitive value. If so, messages show no part of the text. */
typedef bool (*VtHides)(const void *subject);

typedef struct VtScan {
    const char *p, *end;
    const char *start;
    const char *at; /* start of the current token, or of the one that failed */
    char *message;  /* of the first failure, owned; NULL: no failure */
    unsigned depth;
    size_t weight; /* bytes of memory of the trees, about */
    bool syntax;   /* the failure is in the JSON syntax, not in a value */
    VtHides hides; /* called on a failure only; NULL: hide nothing */
    const void *subject;
} VtScan;

typedef enum VtToken {
    VT_TOKEN_BAD, /* no value starts here */
    VT_TOKEN_OBJECT,
    VT_TOKEN_LIST,
    VT_TOKEN_STRING,
    VT_TOKEN_NUMBER,
    VT_TOKEN_BOOL,
    VT_TOKEN_NULL,
    VT_TOKEN_WORD,  /* key=value text: a scalar; the member decides its kind */
    VT_TOKEN_GROUP, /* key=value text: an object or a list */
} VtToken;

/* A string, borrowed from the text if @owned is NULL. A string with escapes is in @owned. Release it with
 * vt_text_clear() or vt_text_take(). */
typedef struct VtText {
    const char *s;
    size_t len;
    char *owned;
} VtText;

/* An integer. If @overflow is true, it exceeds 64 bits and @magnitude is undefined. */
typedef struct VtInteger {
    uint64_t magnitude;
    bool negative, overflow;
} VtInteger;

extern const uint8_t vt_scan_class[256];
enum { VT_SCAN_BLANK = 1, VT_SCAN_SPECIAL = 2, VT_SCAN_BRACKET = 4, VT_SCAN_STOP = 8 };

void vt_scan_init(VtScan *scan, const char *text, size_t len);
/*
 * Keep the first failure, and always return false. @at is its position; NULL: the start of the current token. If
 * VtScan.hides returns true, the message has "…" in place of each argument of @format. vt_scan_fail_plain() always
 * shows its arguments, which must not be text of the user.
 */
bool vt_scan_fail(VtScan *scan, const char *at, const char *format, ...) G_GNUC_PRINTF(3, 4) VT_COLD;
bool vt_scan_fail_plain(VtScan *scan, const char *format, ...) G_GNUC_PRINTF(2, 3) VT_COLD;
bool vt_scan_hides(const VtScan *scan) VT_COLD;
bool vt_scan_fail_syntax(VtScan *scan, const char *at, const char *format, ...) G_GNUC_PRINTF(3, 4) VT_COLD;
/* Fails with "expected @what, got …" at VtScan.p. Always returns false. */
bool vt_scan_fail_expected(VtScan *scan, const char *what) VT_COLD;
/* For the static analyzer, as in error.h. */
#ifdef __clang_analyzer__
#define vt_scan_fail(...)          (vt_scan_fail(__VA_ARGS__), false)
#define vt_scan_fail_plain(...)    (vt_scan_fail_plain(__VA_ARGS__), false)
#define vt_scan_fail_syntax(...)   (vt_scan_fail_syntax(__VA_ARGS__), false)
#define vt_scan_fail_expected(...) (vt_scan_fail_expected(__VA_ARGS__), false)
#endif
/* Scans the rest of a string. VtScan.p is after the opening quote. */
bool vt_scan_string_rest(VtScan *scan, VtText *ret_text);
/* Scans a number, which may have a fraction or an exponent. Fails if it exceeds the range of a double. */
bool vt_scan_double(VtScan *scan, double *ret_value);
/* Checks the grammar of the number at VtScan.p and sets *@ret_end to its end. *@ret_integer: the number has no fraction
 * and no exponent. VtScan.p does not move. */
bool vt_scan_number_span(VtScan *scan, const char **ret_end, bool *ret_integer);
bool vt_scan_word(VtScan *scan, const char *word);
/*
 * Moves past the next value, and checks only what it needs to find the end. The caller must scan the value later, and
 * that scan must end at the same byte.
 */
bool vt_scan_skip(VtScan *scan);
/* Moves past blanks; fails if other text follows. */
bool vt_scan_end(VtScan *scan);
/*
 * Returns the length of the well-formed UTF-8 sequence of two to four bytes at @text, or 0. @text must be before @end.
 */
unsigned vt_scan_utf8(const char *text, const char *end);

static inline void
vt_scan_blanks(VtScan *scan)
{
    const char *p = scan->p;

    if (G_LIKELY(p < scan->end && (uint8_t)*p > ' ')) {
        return;
    }
    while (p < scan->end && (vt_scan_class[(uint8_t)*p] & VT_SCAN_BLANK)) {
        p++;
    }
    scan->p = p;
}

static inline VtToken
vt_scan_token(VtScan *scan)
{
    vt_scan_blanks(scan);
    scan->at = scan->p;
    if (scan->p == scan->end) {
        return VT_TOKEN_BAD;
    }
    switch (*scan->p) {
    case '{':
        return VT_TOKEN_OBJECT;
    case '[':
        return VT_TOKEN_LIST;
    case '"':
        return VT_TOKEN_STRING;
    case 't':
    case 'f':
        return VT_TOKEN_BOOL;
    case 'n':
        return VT_TOKEN_NULL;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return VT_TOKEN_NUMBER;
    default:
        return VT_TOKEN_BAD;
    }
}

/* Scans a string. VtScan.p is at the opening quote. */
static inline bool
vt_scan_string(VtScan *scan, VtText *ret_text)
{
    const char *start = scan->p + 1, *p = start, *end = scan->end;

    while (p < end && !(vt_scan_class[(uint8_t)*p] & VT_SCAN_SPECIAL)) {
        p++;
    }
    if (G_LIKELY(p < end && *p == '"')) {
        *ret_text = (VtText){.s = start, .len = (size_t)(p - start)};
        scan->p = p + 1;
        return true;
    }
    scan->p = start;
    return vt_scan_string_rest(scan, ret_text);
}

/* Scans an integer. VtScan.p is at a number. If it is malformed or not an integer, returns false, and neither VtScan.p
 * nor VtScan.message changes. */
static inline bool
vt_scan_integer(VtScan *scan, VtInteger *ret_integer)
{
    const char *p = scan->p, *end = scan->end, *digits;
    uint64_t value = 0;

    ret_integer->negative = *p == '-';
    ret_integer->overflow = false;
    p += ret_integer->negative;
    digits = p;
    while (p < end && (uint8_t)(*p - '0') < 10) {
        unsigned digit = (unsigned)(*p - '0');

        if (G_UNLIKELY(p - digits >= 19) && (value > UINT64_MAX / 10 || value * 10 > UINT64_MAX - digit)) {
            ret_integer->overflow = true;
        }
        value = value * 10 + digit;
        p++;
    }
    if (G_UNLIKELY(p == digits || (*digits == '0' && p - digits > 1) ||
                   (p < end && !(vt_scan_class[(uint8_t)*p] & VT_SCAN_STOP)))) {
        return false;
    }
    ret_integer->magnitude = value;
    scan->p = p;
    return true;
}

/* If the quoted @name is at VtScan.p, moves past it and returns true. VtScan.p is at a quote. */
static inline bool
vt_scan_predicted(VtScan *scan, const char *name, size_t len)
{
    const char *p = scan->p + 1;

    if (G_LIKELY((size_t)(scan->end - scan->p) > len + 1 && p[len] == '"' && memcmp(p, name, len) == 0)) {
        scan->p = p + len + 1;
        return true;
    }
    return false;
}

/* The result of a move to the next member or element, after the opening bracket. */
typedef enum VtMore { VT_MORE_ERROR = -1, VT_MORE_END, VT_MORE_YES } VtMore;
VtMore vt_scan_more_failed(VtScan *scan, bool first, char close) VT_COLD;

static inline bool
vt_scan_open(VtScan *scan)
{
    scan->p++;
    if (G_UNLIKELY(++scan->depth > VT_SCAN_DEPTH)) {
        return vt_scan_fail_syntax(scan, scan->p - 1, "nested deeper than %d", VT_SCAN_DEPTH);
    }
    return true;
}

static inline VtMore
vt_scan_more(VtScan *scan, bool first, char close)
{
    vt_scan_blanks(scan);
    if (scan->p < scan->end) {
        if (*scan->p == close) {
            scan->p++;
            scan->depth--;
            return VT_MORE_END;
        }
        if (first) {
            if (close == ']' || *scan->p == '"') {
                return VT_MORE_YES;
            }
        } else if (*scan->p == ',') {
            scan->p++;
            vt_scan_blanks(scan);
            if (scan->p < scan->end && (close == ']' ? *scan->p != ']' : *scan->p == '"')) {
                return VT_MORE_YES;
            }
        }
    }
    return vt_scan_more_failed(scan, first, close);
}

static inline bool
vt_scan_colon(VtScan *scan)
{
    vt_scan_blanks(scan);
    if (G_LIKELY(scan->p < scan->end && *scan->p == ':')) {
        scan->p++;
        return true;
    }
    return vt_scan_fail_expected(scan, "':'");
}

static inline void
vt_text_clear(VtText *text)
{
    if (G_UNLIKELY(text->owned)) {
        vt_wipe_free(text->owned, text->len);
        text->owned = NULL;
    }
}

/* Returns the string, which ends with NUL and is owned by the caller. @text no longer owns memory. */
static inline char *
vt_text_take(VtText *text)
{
    char *copy = text->owned;

    if (G_LIKELY(!copy)) {
        copy = g_malloc(text->len + 1);
        memcpy(copy, text->s, text->len);
        copy[text->len] = '\0';
    }
    text->owned = NULL;
    return copy;
}
