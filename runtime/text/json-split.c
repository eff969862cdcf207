/* SPDX-License-Identifier: MIT */
#include "vt-runtime/json-split.h"

#include <string.h>

#include "text/plain-run.h"
#include "vt-runtime/wipe.h"

#define SIZE_KEPT 4096 /* size to which an empty buffer shrinks, in bytes */

/* The effect of a byte on the state. PLAIN bytes inside a value have no effect. */
enum { PLAIN, BLANK, QUOTE, OPEN, CLOSE, BACKSLASH, CONTROL, LINE_END, RESET };

static guint8 classes[256];
static guint8 ends_string[256]; /* bytes at which pass_string() stops */

static void
fill_classes(void)
{
    for (int i = 0; i < 0x20; i++) {
        classes[i] = CONTROL;
    }
    classes[' '] = classes['\t'] = classes['\r'] = BLANK;
    classes['\n'] = LINE_END;
    classes['"'] = classes['\''] = QUOTE;
    classes['\\'] = BACKSLASH;
    classes['{'] = classes['['] = OPEN;
    classes['}'] = classes[']'] = CLOSE;
    classes[0xFF] = RESET;
    for (int i = 0; i < 256; i++) {
        ends_string[i] = i < 0x20 || i == '"' || i == '\\' || i == 0xFF;
    }
}

void
vt_json_split_init(VtJsonSplit *split, size_t limit)
{
    *split = (VtJsonSplit){.limit = limit};
    if (!classes[0]) {
        fill_classes();
    }
}

void
vt_json_split_clear(VtJsonSplit *split)
{
    vt_wipe_free(split->text, split->size);
    split->text = NULL;
    split->len = split->size = 0;
}

/* Moves the bytes to @text, a buffer of @size bytes, and wipes the old buffer. */
static void
move(VtJsonSplit *split, char *text, size_t size)
{
    memcpy(text, split->text ? split->text : "", split->len);
    vt_wipe_free(split->text, split->size);
    split->text = text;
    split->size = size;
}

/* The client decides how much it sends, so a failed allocation must not abort the process. */
static bool
grow(VtJsonSplit *split, size_t size)
{
    size_t wanted = MAX(size, split->size * 2);
    char *text = g_try_malloc(wanted);

    if (!text) {
        wanted = size;
        text = g_try_malloc(wanted);
    }
    if (text) {
        move(split, text, wanted);
    }
    return text != NULL;
}

/* Releases memory after a large value. */
static void
shrink(VtJsonSplit *split)
{
    size_t kept = MAX(split->len, SIZE_KEPT);

    if (split->size / 4 > kept) {
        char *text = g_try_malloc(kept);

        if (text) {
            move(split, text, kept);
        }
    }
}

static void
discard(VtJsonSplit *split, size_t len)
{
    if (len) {
        memmove(split->text, split->text + len, split->len - len);
        explicit_bzero(split->text + split->len - len, len);
        split->len -= len;
        shrink(split);
    }
    split->scanned = split->len;
}

void
vt_json_split_add(VtJsonSplit *split, const char *bytes, size_t len)
{
    if (!len) {
        return;
    }
    if (split->len + len > split->size && !grow(split, split->len + len)) {
        if (split->scanned == split->len) {
            split->exhausted = split->dropping = split->depth > 0;
            discard(split, split->len);
        }
        if (split->len + len > split->size) {
            move(split, g_malloc(split->len + len), split->len + len);
        }
    }
    memcpy(split->text + split->len, bytes, len);
    split->len += len;
}

/* Resets the state to outside a value. */
static void
restart(VtJsonSplit *split)
{
    split->depth = 0;
    split->in_string = split->escaped = split->dropping = false;
}

/* Inside a string: returns the position of the next byte that can change the state. */
static size_t
pass_string(VtJsonSplit *split, const char *text, size_t i, size_t len)
{
    while (i < len) {
        if (split->escaped) {
            split->escaped = false;
            if (ends_string[(guint8)text[i]] && text[i] != '"' && text[i] != '\\') {
                return i;
            }
            i++;
            continue;
        }
        for (i = (size_t)(vt_plain_run(text + i, text + len) - text); i < len && !ends_string[(guint8)text[i]]; i++) {
        }
        if (i == len || text[i] != '\\') {
            return i;
        }
        split->escaped = true;
        i++;
    }
    return i;
}

/* The same in a string with single quotes, which QEMU accepts. */
static size_t
pass_single_quoted(VtJsonSplit *split, const char *text, size_t i, size_t len)
{
    for (; i < len; i++) {
        bool plain = classes[(guint8)text[i]] != CONTROL && classes[(guint8)text[i]] != LINE_END && text[i] != '\xFF';

        if (!plain || (text[i] == '\'' && !split->escaped)) {
            split->escaped = false;
            return i;
        }
        split->escaped = text[i] == '\\' && !split->escaped;
    }
    return i;
}

/*
 * Discards the bytes before @start. Values stay in the buffer until it has no complete value, so that a batch of
 * requests is moved once.
 */
static VtSplitResult
run_out(VtJsonSplit *split, size_t start)
{
    discard(split, split->dropping ? split->len : start);
    return VT_SPLIT_MORE;
}

static VtSplitResult
fail(VtJsonSplit *split, size_t next, const char *message, const char **ret_error)
{
    split->scanned = next;
    *ret_error = message;
    return VT_SPLIT_ERROR;
}

#define TOO_LARGE         "the value is too large"
#define TOO_DEEP          "the value is nested too deeply"
#define CONTROL_IN_STRING "a control character is in a string"
#define CONTROL_OUTSIDE   "a control character is outside of a string"

VtSplitResult
vt_json_split_next(VtJsonSplit *split, const char **ret_text, size_t *ret_len, const char **ret_error)
{
    const char *text = split->text;
    size_t len = split->len, i = split->scanned;
    /* run_out() has moved an unfinished value to the start of the buffer. */
    size_t start = split->depth ? 0 : i;

    if (split->exhausted) {
        split->exhausted = false;
        return fail(split, i, "the host cannot allocate memory for the value", ret_error);
    }
    for (; i < len; i++) {
        const char *message = NULL;
        guint8 class;

        if (split->in_string) {
            i = split->quote == '"' ? pass_string(split, text, i, len) : pass_single_quoted(split, text, i, len);
            if (i == len) {
                break;
            }
        }
        class = classes[(guint8)text[i]];
        if (!split->depth) {
            if (split->skipping && class != OPEN && class != LINE_END) {
                continue;
            }
            split->skipping = false;
            if (class == BLANK || class == LINE_END) {
                continue;
            }
            if (class != OPEN) {
                split->skipping = true;
                return fail(split, i + 1, "expected an object", ret_error);
            }
            start = i;
        }
        if (class == RESET || class == (split->in_string ? LINE_END : CONTROL)) {
            bool reported = split->dropping;

            message = split->in_string ? CONTROL_IN_STRING : CONTROL_OUTSIDE;
            restart(split);
            split->skipping = class != RESET;
            start = i + 1;
            if (!reported) {
                return fail(split, i + 1, message, ret_error);
            }
        } else if (split->in_string) {
            split->in_string = class != QUOTE;
            message = split->in_string ? CONTROL_IN_STRING : NULL;
        } else if (class == OPEN) {
            message = ++split->depth > VT_SPLIT_DEPTH_LIMIT ? TOO_DEEP : NULL;
        } else if (class == QUOTE) {
            split->in_string = true;
            split->quote = text[i];
        } else if (class == CLOSE && --split->depth == 0) {
            bool reported = split->dropping;

            restart(split);
            split->scanned = i + 1;
            if (!reported && i + 1 - start > split->limit) {
                return fail(split, i + 1, TOO_LARGE, ret_error);
            }
            if (!reported) {
                *ret_text = text + start;
                *ret_len = i + 1 - start;
                return VT_SPLIT_VALUE;
            }
            start = i + 1;
        }
        if (message && split->depth && !split->dropping) {
            split->dropping = true;
            return fail(split, i + 1, message, ret_error);
        }
    }
    if (split->depth && !split->dropping && len - start > split->limit) {
        split->dropping = true;
        return fail(split, len, TOO_LARGE, ret_error);
    }
    return run_out(split, split->depth ? start : len);
}
