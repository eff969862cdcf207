/* SPDX-License-Identifier: MIT */
#include "monitor-outgoing.h"
#include "vt-runtime/iovec.h"

#define SIZE_KEPT ((size_t)16 << 10)  /* size up to which an empty buffer is kept */
#define SIZE_DONE ((size_t)256 << 10) /* written bytes before the rest of the buffer is moved */

typedef struct VtOutgoingConstant {
    size_t at; /* offset in the text before which it is written */
    VtSpan span;
} VtOutgoingConstant;

void
vt_outgoing_init(VtOutgoing *out)
{
    *out = (VtOutgoing){.text = g_string_new(NULL)};
}

void
vt_outgoing_clear(VtOutgoing *out)
{
    g_string_free(out->text, TRUE);
    g_clear_pointer(&out->constants, g_array_unref);
}

static guint
n_constants(const VtOutgoing *out)
{
    return out->constants ? out->constants->len : 0;
}

static VtOutgoingConstant *
constant(const VtOutgoing *out, guint index)
{
    return &g_array_index(out->constants, VtOutgoingConstant, index);
}

size_t
vt_outgoing_size(const VtOutgoing *out)
{
    return out->text->len - out->text_done + out->constant_left;
}

void
vt_outgoing_add_constant(VtOutgoing *out, VtSpan span)
{
    VtOutgoingConstant added = {out->text->len, span};

    if (!out->constants) {
        out->constants = g_array_new(FALSE, FALSE, sizeof added);
    }
    g_array_append_val(out->constants, added);
    out->constant_left += span.len;
}

void
vt_outgoing_insert(VtOutgoing *out, size_t start, const GString *other)
{
    g_string_insert_len(out->text, (gssize)start, other->str, (gssize)other->len);
    for (guint i = n_constants(out); i-- > 0 && constant(out, i)->at >= start;) {
        constant(out, i)->at += other->len;
    }
}

char *
vt_outgoing_take(VtOutgoing *out, size_t start)
{
    GString *result = g_string_new(NULL);
    size_t at = start;
    guint kept = n_constants(out);

    while (kept && constant(out, kept - 1)->at >= start) {
        kept--;
    }
    for (guint i = kept; i < n_constants(out); i++) {
        const VtOutgoingConstant *c = constant(out, i);

        g_string_append_len(result, out->text->str + at, (gssize)(c->at - at));
        g_string_append_len(result, c->span.text, (gssize)c->span.len);
        out->constant_left -= c->span.len;
        at = c->at;
    }
    g_string_append_len(result, out->text->str + at, (gssize)(out->text->len - at));
    g_string_truncate(out->text, start);
    if (out->constants) {
        g_array_set_size(out->constants, kept);
    }
    return g_string_free(result, FALSE);
}

int
vt_outgoing_parts(const VtOutgoing *out, struct iovec *ret_parts, int max)
{
    size_t at = out->text_done, skip = out->constant_done;
    int n = 0;

    for (guint i = 0; i < n_constants(out) && n < max; i++) {
        const VtOutgoingConstant *c = constant(out, i);

        if (c->at > at) {
            ret_parts[n++] = (struct iovec){out->text->str + at, c->at - at};
            at = c->at;
        }
        if (n < max) {
            ret_parts[n++] = vt_iovec(c->span.text + skip, c->span.len - skip);
            skip = 0;
        }
    }
    if (n < max && out->text->len > at) {
        ret_parts[n++] = (struct iovec){out->text->str + at, out->text->len - at};
    }
    return n;
}

void
vt_outgoing_drop(VtOutgoing *out)
{
    if (out->text->allocated_len > SIZE_KEPT) {
        g_string_free(out->text, TRUE);
        out->text = g_string_new(NULL);
    }
    g_string_truncate(out->text, 0);
    g_clear_pointer(&out->constants, g_array_unref);
    out->text_done = out->constant_left = out->constant_done = 0;
}

/* Moves unwritten text to the start of the buffer. */
static void
compact(VtOutgoing *out)
{
    for (guint i = 0; i < n_constants(out); i++) {
        constant(out, i)->at -= out->text_done;
    }
    g_string_erase(out->text, 0, (gssize)out->text_done);
    out->text_done = 0;
}

void
vt_outgoing_advance(VtOutgoing *out, size_t n)
{
    guint finished = 0;

    for (; finished < n_constants(out); finished++) {
        const VtOutgoingConstant *c = constant(out, finished);
        size_t before = c->at - out->text_done, left = c->span.len - out->constant_done;

        if (n < before) {
            break;
        }
        n -= before;
        out->text_done = c->at;
        if (n < left) {
            out->constant_done += n;
            out->constant_left -= n;
            n = 0;
            break;
        }
        n -= left;
        out->constant_left -= left;
        out->constant_done = 0;
    }
    out->text_done += n;
    if (finished) {
        g_array_remove_range(out->constants, 0, finished);
    }
    if (!vt_outgoing_size(out)) {
        vt_outgoing_drop(out);
    } else if (out->text_done > SIZE_DONE) {
        compact(out);
    }
}
