/* SPDX-License-Identifier: MIT */
/*
 * Internals of the human monitor.  Each file uses only files before it in this list: words.c (words of a line, and the
 * command that it names), number.c (expressions), arguments.c, show.c (answers), help.c, option.c (values of options),
 * run.c, complete.c, editor.c (editing of lines), session.c.
 */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/human.h"

#define VT_HUMAN_INFO "info" /* the word before a subject */

/* ---- words.c ------------------------------------------------------------------------------------------- */

const VtProgram *vt_human_program(VtMonitor *monitor);
const VtSchema *vt_human_schema(VtMonitor *monitor);
/* Skips blanks. */
const char *vt_human_blanks(const char *text);
/* The next word, without its quotes, which the caller frees.  *text then points to what follows.  NULL without @error:
 * there is none; with @error: a quote has no end. */
char *vt_human_word(const char **text, GError **error);
/* The command that @line begins with, on @target (0: any).  *ret_rest: what follows its name; *ret_name, which the
 * caller frees: the words that name it.  Returns NULL for an unknown one. */
const VtHmp *vt_human_find(const VtProgram *program, uint16_t target, const char *line, const char **ret_rest,
                           char **ret_name);
/* The next command of the table on @target, after @before (NULL: the first), or NULL. */
const VtHmp *vt_human_next(const VtProgram *program, uint16_t target, const VtHmp *before);
/* The row of an argument. *ret_layer: that of the row. */
const VtRow *vt_human_row(const VtSchema *schema, const VtHmp *command, unsigned index, const VtLayer **ret_layer);
const char *vt_human_argument_name(const VtSchema *schema, const VtHmp *command, unsigned index);
bool vt_human_is_optional(const VtRow *row);
/* "device_add DEVICE": the arguments as a user writes them.  The caller frees the text. */
char *vt_human_usage(const VtSchema *schema, const VtHmp *command);

/* ---- the other files ------------------------------------------------------------------------------------ */

/* Reads an integer expression, as "4 * (1 + 0x10)". *text then points to what follows. */
bool vt_human_number(const char **text, int64_t *ret_value, GError **error);
/* Reads the arguments in @text: an object with the members of the command's struct.  NULL on error. */
json_object *vt_human_arguments(const VtSchema *schema, const VtHmp *command, const char *text, GError **error);
/* Appends the help of a command, of the subjects of 'info', or of all commands (@topic empty).  Returns false if @topic
 * is no command. */
bool vt_human_help(VtMonitor *monitor, const char *topic, GString *out);
/* The QMP commands that create what @text, a value of the option @option, stands for: [{"execute", "arguments"}].  NULL
 * on error.  If @text requests help, appends it to @help and returns an empty list. */
json_object *vt_human_option(VtMonitor *monitor, const char *option, const char *text, GString *help, GError **error);

/* Appends what "-OPTION help" prints. */
bool vt_human_option_help(VtMonitor *monitor, const char *option, GString *out, GError **error);

/* ---- editor.c ------------------------------------------------------------------------------------------- */

typedef struct VtEditor VtEditor;

VtEditor *vt_editor_new(void);
void vt_editor_free(VtEditor *editor);
void vt_editor_feed(VtEditor *editor, const char *bytes, size_t len);
/* Returns the next line, owned by the caller, or NULL: the input has no further end of a line.  Appends the echo to
 * @echo.  @complete: the words that may stand in place of the last one of @line. */
typedef GPtrArray *(*VtEditorComplete)(void *opaque, const char *line);
char *vt_editor_next(VtEditor *editor, GString *echo, VtEditorComplete complete, void *opaque);
/* Appends a prompt. */
void vt_editor_prompt(VtEditor *editor, GString *out);
/* Forgets the line in hand, and what was not read. */
void vt_editor_reset(VtEditor *editor);
/* Earlier lines, oldest first, of texts.  Borrowed. */
const GPtrArray *vt_editor_history(const VtEditor *editor);
