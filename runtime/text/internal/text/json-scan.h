/* SPDX-License-Identifier: MIT */
/*
 * Scan: the one strict reader of JSON text.
 *
 * It moves over text that need not end with NUL, one token at a time, and builds nothing.  What it accepts is RFC 8259
 * less what the runtime has no use for: strings hold no NUL, text nests at most VT_SCAN_DEPTH deep.  The first failure
 * is kept with its position; everything after it is undefined until the scan is started anew.
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

/* Whether a sensitive value may stand in what is read about @subject: then no message shows a piece of the text. */
typedef bool (*VtHides)(const void *subject);

typedef struct VtScan {
    const char *p, *end;
    const char *start;
    const char *at; /* the token last begun, or the one that failed */
    char *message;  /* of the first failure, owned; NULL: none */
    unsigned depth;
    bool syntax;   /* the failure is one of JSON's syntax, not of a value */
    VtHides hides; /* asked at a failure only; NULL: nothing is hidden */
    const void *subject;
} VtScan;

typedef enum VtToken {
    VT_TOKEN_BAD, /* no value begins here */
    VT_TOKEN_OBJECT,
    VT_TOKEN_LIST,
    VT_TOKEN_STRING,
    VT_TOKEN_NUMBER,
    VT_TOKEN_BOOL,
    VT_TOKEN_NULL,
    VT_TOKEN_WORD,  /* key=value text: what it is depends on the member */
    VT_TOKEN_GROUP, /* key=value text: an object or a list */
} VtToken;

/* A string, borrowed from the text unless it had escapes. */
typedef struct VtText {
    const char *s;
    size_t len;
    char *owned;
} VtText;

/* An integer of any size: what exceeds 64 bits says so. */
typedef struct VtInteger {
    uint64_t magnitude;
    bool negative, overflow;
} VtInteger;

extern const uint8_t vt_scan_class[256];
enum { VT_SCAN_BLANK = 1, VT_SCAN_SPECIAL = 2, VT_SCAN_BRACKET = 4, VT_SCAN_STOP = 8 };

void vt_scan_init(VtScan *scan, const char *text, size_t len);
/*
 * Keeps the first failure. Always false. @at: NULL for the token last begun.  Where the text may hold a sensitive value
 * all that @format would show becomes "…"; the _plain form is for names and limits of the schema, and shows them.
 */
bool vt_scan_fail(VtScan *scan, const char *at, const char *format, ...) G_GNUC_PRINTF(3, 4) VT_COLD;
bool vt_scan_fail_plain(VtScan *scan, const char *format, ...) G_GNUC_PRINTF(2, 3) VT_COLD;
bool vt_scan_hides(const VtScan *scan) VT_COLD;
bool vt_scan_fail_syntax(VtScan *scan, const char *at, const char *format, ...) G_GNUC_PRINTF(3, 4) VT_COLD;
/* "expected @what, got …" at the scan's place, for a value that is none. */
bool vt_scan_fail_expected(VtScan *scan, const char *what) VT_COLD;
/* For the analyzer, as in error.h. */
#ifdef __clang_analyzer__
#define vt_scan_fail(...)          (vt_scan_fail(__VA_ARGS__), false)
#define vt_scan_fail_plain(...)    (vt_scan_fail_plain(__VA_ARGS__), false)
#define vt_scan_fail_syntax(...)   (vt_scan_fail_syntax(__VA_ARGS__), false)
#define vt_scan_fail_expected(...) (vt_scan_fail_expected(__VA_ARGS__), false)
#endif
/* Scans the rest of a string; VtScan.p is after its opening quote. */
bool vt_scan_string_rest(VtScan *scan, VtText *ret_text);
/* A number that may have a fraction or exponent. */
bool vt_scan_double(VtScan *scan, double *ret_value);
/* The span of a number's text, checked by JSON's grammar; *ret_integer: no fraction, no exponent. */
bool vt_scan_number_span(VtScan *scan, const char **ret_end, bool *ret_integer);
bool vt_scan_word(VtScan *scan, const char *word);
/*
 * Moves over the next value without looking closer than to find its end.  What is skipped must be visited later, and
 * the visit must end where the skip did.
 */
bool vt_scan_skip(VtScan *scan);
/* Nothing but blanks is left. */
bool vt_scan_end(VtScan *scan);
/* Length of the well-formed UTF-8 sequence of more than one byte at @text; 0: it is none. */
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

/* The token at @p is '"'. */
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

/* The token at @p is a number. False: it is not an integer, or not a number; nothing is consumed then and no failure
 * kept. */
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

/* Whether the quoted @name stands at @p; if so moves behind it. */
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

/* In an object or list whose opening bracket has been passed: moves to the next member or element. */
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

/* Moves the string out: the caller owns the result, and @text is done with. */
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
