/* SPDX-License-Identifier: MIT */
#include "json-split.h"

#include <string.h>

/* What a byte can do to the state: everything else inside a value is passed over. */
enum { PLAIN, BLANK, QUOTE, OPEN, CLOSE, BACKSLASH, CONTROL, LINE_END, RESET };

static guint8 classes[256];
static guint8 ends_string[256]; /* a byte at which passing over a string stops */

static void
fill_classes(void)
{
    for (int i = 0; i < 0x20; i++) {
        classes[i] = CONTROL;
    }
    classes[' '] = classes['\t'] = classes['\r'] = BLANK;
    classes['\n'] = LINE_END;
    classes['"'] = QUOTE;
    classes['\\'] = BACKSLASH;
    classes['{'] = classes['['] = OPEN;
    classes['}'] = classes[']'] = CLOSE;
    classes[0xFF] = RESET;
    for (int i = 0; i < 256; i++) {
        ends_string[i] = i < 0x20 || i == '"' || i == '\\' || i == 0xFF;
    }
}

void
vt_json_split_init(VtJsonSplit *split)
{
    memset(split, 0, sizeof *split);
    split->text = g_string_sized_new(4096);
    if (!classes[0]) {
        fill_classes();
    }
}

void
vt_json_split_clear(VtJsonSplit *split)
{
    g_string_free(split->text, TRUE);
    split->text = NULL;
}

char *
vt_json_split_reserve(VtJsonSplit *split, size_t len)
{
    size_t old = split->text->len;

    g_string_set_size(split->text, old + len);
    return split->text->str + old;
}

void
vt_json_split_commit(VtJsonSplit *split, size_t reserved, size_t len)
{
    g_string_truncate(split->text, split->text->len - reserved + len);
}

void
vt_json_split_add(VtJsonSplit *split, const char *bytes, size_t len)
{
    g_string_append_len(split->text, bytes, len);
}

/* Forgets the unfinished value. */
static void
restart(VtJsonSplit *split)
{
    split->depth = 0;
    split->in_string = split->escaped = split->dropping = false;
}

/* Inside a string: the position of the byte that ends the passing over. */
static size_t
pass_string(VtJsonSplit *split, const char *text, size_t i, size_t len)
{
    while (i < len) {
        if (split->escaped) {
            split->escaped = false;
            if ((guint8)text[i] < 0x20) {
                return i;
            }
            i++;
            continue;
        }
        while (i < len && !ends_string[(guint8)text[i]]) {
            i++;
        }
        if (i == len || text[i] != '\\') {
            return i;
        }
        split->escaped = true;
        i++;
    }
    return i;
}

/*
 * The value that was handed out last stands before @scanned: it leaves the buffer only when the buffer runs out of
 * values, so that a batch of requests is moved once and not once a request.
 */
static VtSplitResult
run_out(VtJsonSplit *split, size_t start)
{
    if (split->dropping) {
        start = split->text->len;
    }
    g_string_erase(split->text, 0, start);
    split->scanned = split->text->len;
    return VT_SPLIT_MORE;
}

static VtSplitResult
fail(VtJsonSplit *split, size_t next, bool skipping, const char *message, const char **ret_error)
{
    restart(split);
    split->skipping = skipping;
    split->scanned = next;
    *ret_error = message;
    return VT_SPLIT_ERROR;
}

VtSplitResult
vt_json_split_next(VtJsonSplit *split, const char **ret_text, size_t *ret_len, const char **ret_error)
{
    const char *text = split->text->str;
    size_t len = split->text->len, i = split->scanned;
    /* An unfinished value always begins the buffer: run_out() moved it there. */
    size_t start = split->depth ? 0 : i;

    for (; i < len; i++) {
        guint8 class;

        if (split->in_string) {
            i = pass_string(split, text, i, len);
            if (i == len) {
                break;
            }
        }
        class = classes[(guint8)text[i]];
        if (split->in_string) {
            if (class == QUOTE) {
                split->in_string = false;
                continue;
            }
            return fail(split, i + (class != LINE_END), class != LINE_END, "a control character stands in a string",
                        ret_error);
        }
        if (split->skipping) {
            if (class != OPEN && class != LINE_END) {
                continue;
            }
            split->skipping = false;
        }
        if (!split->depth) {
            if (class == BLANK || class == LINE_END) {
                continue;
            }
            if (class != OPEN) {
                return fail(split, i + 1, true, "expected an object", ret_error);
            }
            start = i;
        }
        if (class == OPEN) {
            if (++split->depth > VT_SPLIT_DEPTH_LIMIT) {
                split->dropping = true;
            }
        } else if (class == QUOTE) {
            split->in_string = true;
        } else if (class == CONTROL || class == RESET) {
            return fail(split, i + 1, class != RESET, "a control character stands outside of a string", ret_error);
        } else if (class == CLOSE && --split->depth == 0) {
            split->scanned = i + 1;
            if (split->dropping) {
                split->dropping = false;
                *ret_error = "the value is too large or nested too deep";
                return VT_SPLIT_ERROR;
            }
            *ret_text = text + start;
            *ret_len = i + 1 - start;
            return VT_SPLIT_VALUE;
        }
    }
    if (split->depth && len - start > VT_SPLIT_SIZE_LIMIT) {
        split->dropping = true;
    }
    return run_out(split, split->depth ? start : len);
}
