/* SPDX-License-Identifier: MIT */
/*
 * Editing of a line on a terminal: cursor keys, history, completion.
 */
#include "human-private.h"

#include <string.h>

#define PROMPT      "(qemu) "
#define MAX_LINE    4095
#define MAX_HISTORY 64
#define NEWLINE     "\r\n"
#define ESCAPE      '\033'

/* What the control keys do, as in Emacs. */
enum {
    CTRL_A = 1,
    CTRL_B,
    CTRL_D = 4,
    CTRL_E,
    CTRL_F,
    TAB = 9,
    CTRL_K = 11,
    CTRL_L,
    CTRL_N = 14,
    CTRL_P = 16,
    CTRL_U = 21,
    CTRL_W = 23,
    BACKSPACE = 8,
    RUBOUT = 127
};

struct VtEditor {
    GString *input;     /* what was not read */
    GString *line;      /* in hand */
    gsize cursor;       /* in @line */
    GString *sequence;  /* of an escape that has no end yet */
    GPtrArray *history; /* of texts, oldest first */
    guint at;           /* the line of the history in hand; its length: a new line */
    bool after_cr;      /* the last byte ended a line: a newline after it is a part of that end */
};

VtEditor *
vt_editor_new(void)
{
    VtEditor *editor = g_new0(VtEditor, 1);

    editor->input = g_string_new(NULL);
    editor->line = g_string_new(NULL);
    editor->sequence = g_string_new(NULL);
    editor->history = g_ptr_array_new_with_free_func(g_free);
    return editor;
}

void
vt_editor_free(VtEditor *editor)
{
    g_string_free(editor->input, TRUE);
    g_string_free(editor->line, TRUE);
    g_string_free(editor->sequence, TRUE);
    g_ptr_array_unref(editor->history);
    g_free(editor);
}

void
vt_editor_feed(VtEditor *editor, const char *bytes, size_t len)
{
    g_string_append_len(editor->input, bytes, (gssize)len);
}

void
vt_editor_reset(VtEditor *editor)
{
    g_string_truncate(editor->input, 0);
    g_string_truncate(editor->line, 0);
    g_string_truncate(editor->sequence, 0);
    editor->cursor = 0;
    editor->after_cr = false;
    editor->at = editor->history->len;
}

const GPtrArray *
vt_editor_history(const VtEditor *editor)
{
    return editor->history;
}

/* Appends the prompt and the line in hand, with the cursor in its place. */
void
vt_editor_prompt(VtEditor *editor, GString *out)
{
    gsize behind = editor->line->len - editor->cursor;

    g_string_append(out, PROMPT);
    g_string_append(out, editor->line->str);
    if (behind) {
        g_string_append_printf(out, "\033[%zuD", behind);
    }
}

/* Draws the line again over itself. */
static void
redraw(VtEditor *editor, GString *echo)
{
    g_string_append(echo, "\r\033[K");
    vt_editor_prompt(editor, echo);
}

static void
set_line(VtEditor *editor, const char *text)
{
    g_string_assign(editor->line, text);
    editor->cursor = editor->line->len;
}

static void
erase(VtEditor *editor, gsize from, gsize to)
{
    g_string_erase(editor->line, (gssize)from, (gssize)(to - from));
    editor->cursor = from;
}

static void
move_in_history(VtEditor *editor, int step)
{
    guint count = editor->history->len;

    if ((step < 0 && editor->at == 0) || (step > 0 && editor->at >= count)) {
        return;
    }
    editor->at += (guint)step;
    set_line(editor, editor->at < count ? editor->history->pdata[editor->at] : "");
}

static void
keep_in_history(VtEditor *editor, const char *line)
{
    GPtrArray *history = editor->history;

    if (*line && (!history->len || strcmp(history->pdata[history->len - 1], line) != 0)) {
        g_ptr_array_add(history, g_strdup(line));
    }
    if (history->len > MAX_HISTORY) {
        g_ptr_array_remove_index(history, 0);
    }
    editor->at = history->len;
}

/* ---- completion ------------------------------------------------------------------------------------------ */

static gsize
start_of_word(const VtEditor *editor)
{
    gsize start = editor->cursor;

    while (start && !g_ascii_isspace(editor->line->str[start - 1])) {
        start--;
    }
    return start;
}

/* The number of bytes that all candidates begin with. */
static gsize
common_len(const GPtrArray *candidates)
{
    const char *first = candidates->pdata[0];
    gsize len = strlen(first);

    for (guint i = 1; i < candidates->len; i++) {
        const char *other = candidates->pdata[i];
        gsize same = 0;

        while (same < len && first[same] == other[same]) {
            same++;
        }
        len = same;
    }
    return len;
}

static void
complete_word(VtEditor *editor, GString *echo, VtEditorComplete complete, void *opaque)
{
    g_autofree char *before = g_strndup(editor->line->str, editor->cursor);
    g_autoptr(GPtrArray) found = complete(opaque, before);
    gsize start = start_of_word(editor), typed = editor->cursor - start, len;

    if (!found->len) {
        return;
    }
    len = common_len(found);
    if (len > typed) {
        g_string_insert_len(editor->line, (gssize)editor->cursor, (const char *)found->pdata[0] + typed,
                            (gssize)(len - typed));
        editor->cursor += len - typed;
    } else if (found->len > 1) {
        g_string_append(echo, NEWLINE);
        for (guint i = 0; i < found->len; i++) {
            g_string_append_printf(echo, "%s" NEWLINE, (char *)found->pdata[i]);
        }
    }
    if (found->len == 1) {
        g_string_insert_c(editor->line, (gssize)editor->cursor++, ' ');
    }
}

/* ---- keys ------------------------------------------------------------------------------------------------ */

/* The key that an escape sequence stands for, by the control key with its meaning. */
static char
key_of(const char *sequence)
{
    static const struct {
        const char *sequence;
        char key;
    } keys[] = {{"[A", CTRL_P}, {"[B", CTRL_N}, {"[C", CTRL_F},  {"[D", CTRL_B},  {"[H", CTRL_A}, {"[F", CTRL_E},
                {"OH", CTRL_A}, {"OF", CTRL_E}, {"[1~", CTRL_A}, {"[4~", CTRL_E}, {"[3~", CTRL_D}};

    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(keys[i].sequence, sequence) == 0) {
            return keys[i].key;
        }
    }
    return 0;
}

static void
press(VtEditor *editor, char key)
{
    switch (key) {
    case CTRL_A:
        editor->cursor = 0;
        break;
    case CTRL_E:
        editor->cursor = editor->line->len;
        break;
    case CTRL_B:
        editor->cursor -= editor->cursor > 0;
        break;
    case CTRL_F:
        editor->cursor += editor->cursor < editor->line->len;
        break;
    case CTRL_D:
        if (editor->cursor < editor->line->len) {
            erase(editor, editor->cursor, editor->cursor + 1);
        }
        break;
    case BACKSPACE:
    case RUBOUT:
        if (editor->cursor) {
            erase(editor, editor->cursor - 1, editor->cursor);
        }
        break;
    case CTRL_K:
        g_string_truncate(editor->line, editor->cursor);
        break;
    case CTRL_U:
        erase(editor, 0, editor->cursor);
        break;
    case CTRL_W:
        erase(editor, start_of_word(editor), editor->cursor);
        break;
    case CTRL_P:
        move_in_history(editor, -1);
        break;
    case CTRL_N:
        move_in_history(editor, 1);
        break;
    default:
        if ((unsigned char)key >= ' ' && editor->line->len < MAX_LINE) {
            g_string_insert_c(editor->line, (gssize)editor->cursor++, key);
        }
        break;
    }
}

/* Takes a byte of an escape sequence. Returns the key that it completes, or 0. */
static char
take_escape(VtEditor *editor, char byte)
{
    char key = 0;

    g_string_append_c(editor->sequence, byte);
    /* The first byte of the sequence is ESCAPE, and the second one says whether parameters follow. */
    if (editor->sequence->len > 2 ? g_ascii_isalpha(byte) || byte == '~' : byte != '[' && byte != 'O') {
        key = key_of(editor->sequence->str + 1);
        g_string_truncate(editor->sequence, 0);
    } else if (editor->sequence->len > 8) {
        g_string_truncate(editor->sequence, 0);
    }
    return key;
}

/* The line in hand, which ends. */
static char *
end_line(VtEditor *editor, GString *echo)
{
    char *line = g_strdup(editor->line->str);

    g_string_append(echo, NEWLINE);
    keep_in_history(editor, line);
    set_line(editor, "");
    return line;
}

char *
vt_editor_next(VtEditor *editor, GString *echo, VtEditorComplete complete, void *opaque)
{
    gsize read = 0;
    char *line = NULL;
    bool drawn = true;

    while (read < editor->input->len && !line) {
        char byte = editor->input->str[read++];
        bool after_cr = editor->after_cr;

        editor->after_cr = byte == '\r';
        if (byte == '\r' || (byte == '\n' && !after_cr)) {
            if (!drawn) {
                editor->cursor = editor->line->len;
                redraw(editor, echo);
                drawn = true;
            }
            line = end_line(editor, echo);
            continue;
        }
        if (byte == '\n') {
            continue;
        }
        drawn = false;
        if (byte == ESCAPE || editor->sequence->len) {
            if (byte == ESCAPE) {
                g_string_assign(editor->sequence, "\033");
                continue;
            }
            byte = take_escape(editor, byte);
            if (!byte) {
                continue;
            }
        }
        if (byte == TAB) {
            complete_word(editor, echo, complete, opaque);
        } else if (byte == CTRL_L) {
            g_string_append(echo, "\033[2J\033[H");
        } else {
            press(editor, byte);
        }
    }
    if (!drawn) {
        redraw(editor, echo);
    }
    g_string_erase(editor->input, 0, (gssize)read);
    return line;
}
