/* SPDX-License-Identifier: MIT */
#include "vt-runtime/json-walk.h"

#include <string.h>

#include "text/plain-run.h"

static const char *
skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')) {
        p++;
    }
    return p;
}

/* @p is at the opening quote. Returns the position after the closing quote, or NULL if there is none. */
static const char *
string_end(const char *p, const char *end)
{
    for (p = vt_plain_run(p + 1, end); p < end; p++) {
        if (*p == '\\') {
            p++;
        } else if (*p == '"') {
            return p + 1;
        }
    }
    return NULL;
}

static const char *
skip_value(const char *p, const char *end)
{
    size_t depth = 0;

    if (p < end && *p == '"') {
        return string_end(p, end);
    }
    if (p < end && (*p == '{' || *p == '[')) {
        while (p < end) {
            if (*p == '"') {
                p = string_end(p, end);
                if (!p) {
                    return NULL;
                }
                continue;
            }
            depth += *p == '{' || *p == '[';
            depth -= *p == '}' || *p == ']';
            p++;
            if (!depth) {
                return p;
            }
        }
        return NULL;
    }
    while (p < end && !strchr(" \n\t\r,:{}[]\"", *p)) {
        p++;
    }
    return p;
}

void
vt_json_walk_init(VtJsonWalk *walk, const char *text, size_t len)
{
    const char *end = text + len, *p = skip_blanks(text, end);

    *walk = (VtJsonWalk){.next = p, .end = end};
    if (p < end && (*p == '{' || *p == '[')) {
        walk->close = *p == '{' ? '}' : ']';
        walk->next++;
    } else {
        walk->failed = true;
    }
}

bool
vt_json_walk_next(VtJsonWalk *walk, VtSpan *ret_key, VtSpan *ret_value)
{
    const char *p, *end = walk->end, *start;

    if (walk->failed || !walk->close) {
        return false;
    }
    p = skip_blanks(walk->next, end);
    if (p < end && *p == walk->close) {
        walk->next = p + 1;
        walk->close = 0;
        return false;
    }
    walk->failed = true;
    if (walk->started) {
        if (p == end || *p != ',') {
            return false;
        }
        p = skip_blanks(p + 1, end);
    }
    *ret_key = (VtSpan){"", 0};
    if (walk->close == '}') {
        if (p == end || *p != '"') {
            return false;
        }
        start = p + 1;
        p = string_end(p, end);
        if (!p) {
            return false;
        }
        *ret_key = (VtSpan){start, (size_t)(p - 1 - start)};
        p = skip_blanks(p, end);
        if (p == end || *p != ':') {
            return false;
        }
        p = skip_blanks(p + 1, end);
    }
    start = p;
    p = skip_value(p, end);
    if (!p || p == start) {
        return false;
    }
    *ret_value = (VtSpan){start, (size_t)(p - start)};
    walk->next = p;
    walk->started = true;
    walk->failed = false;
    return true;
}

bool
vt_json_walk_at_end(const VtJsonWalk *walk)
{
    return !walk->failed && !walk->close && skip_blanks(walk->next, walk->end) == walk->end;
}
