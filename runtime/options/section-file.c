/* SPDX-License-Identifier: MIT */
/*
 * Files of sections, as -readconfig reads them: a section is one value of an option.
 *
 *     [device "net0"]
 *       driver = "e1000"
 */
#include "options-private.h"

#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/wipe.h"

#define SPACE " \t\r"

typedef struct Section {
    const VtOption *option; /* NULL: before the first section */
    unsigned line;
    GString *text; /* its settings as key=value text */
} Section;

typedef struct File {
    VtCommandLine *line;
    const char *path;
    VtOptionFunc *apply;
    unsigned number; /* of the line in hand */
} File;

const char *
vt_option_section_name(const VtOption *option)
{
    return option->section ? option->section : option->name;
}

const VtOption *
vt_option_of_section(const VtProgram *program, const char *what, const char *name, GError **error)
{
    g_autofree const char **names = g_new0(const char *, program->n_options + 1);
    const char *nearest;
    unsigned n = 0;

    for (uint32_t i = 0; i < program->n_options; i++) {
        const VtOption *option = &program->options[i];

        if (strcmp(vt_option_section_name(option), name) == 0 && !(option->flags & VT_OPTION_FLAG)) {
            return option;
        }
        if (!(option->flags & VT_OPTION_FLAG)) {
            names[n++] = vt_option_section_name(option);
        }
    }
    nearest = vt_nearest(name, names);
    if (nearest) {
        vt_error_set(error, "unknown %s '%.60s'; did you mean '%s'?", what, name, nearest);
    } else {
        vt_error_set(error, "unknown %s '%.60s'", what, name);
    }
    return NULL;
}

static bool
end_section(const File *file, Section *section, GError **error)
{
    g_autofree char *where = NULL;
    VtSource *source;

    if (!section->option) {
        return true;
    }
    where = g_strdup_printf("%s:%u: %s", file->path, section->line, vt_option_section_name(section->option));
    source = vt_source_new_text(section->text->str, section->text->len, NULL,
                                g_string_chunk_insert_const(file->line->labels, where));
    return file->apply(file->line, section->option, source, error);
}

static bool
fail(const File *file, GError **error, const char *expected)
{
    return vt_error_set(error, "%s:%u: expected %s", file->path, file->number, expected);
}

/* Begins the section of the line [NAME] or [NAME "ID"]. */
static bool
begin(const File *file, Section *section, char *text, GError **error)
{
    char *end = text + strlen(text) - 1, *id = strchr(text, '"'), *name = text + 1;

    if (*end != ']') {
        return fail(file, error, "']' at the end of the line");
    }
    *end = '\0';
    if (id) {
        char *quote = strchr(id + 1, '"');

        if (!quote || quote[1]) {
            return fail(file, error, "[NAME \"ID\"]");
        }
        *id++ = *quote = '\0';
    }
    section->option = vt_option_of_section(file->line->program, "section", g_strstrip(name), error);
    if (!section->option) {
        g_prefix_error(error, "%s:%u: ", file->path, file->number);
        return false;
    }
    section->line = file->number;
    g_string_truncate(section->text, 0);
    if (id) {
        vt_setting_append(section->text, "id", id);
    }
    return true;
}

/* Adds the line KEY = "VALUE" to the section. */
static bool
add_setting(const File *file, const Section *section, char *text, GError **error)
{
    size_t len = strcspn(text, SPACE "=");
    char *equals = text + len + strspn(text + len, SPACE), *end;
    const char *value;

    if (!section->option) {
        return fail(file, error, "[NAME] before the first KEY = \"VALUE\"");
    }
    value = *equals == '=' ? equals + 1 + strspn(equals + 1, SPACE) : "";
    end = *value == '"' ? strchr(value + 1, '"') : NULL;
    if (!len || !end || end[1 + strspn(end + 1, SPACE)]) {
        return fail(file, error, "KEY = \"VALUE\"");
    }
    text[len] = *end = '\0';
    vt_setting_append(section->text, text, value + 1);
    return true;
}

static bool
apply_lines(File *file, Section *section, char *text, GError **error)
{
    for (char *next = text; next;) {
        char *line = next + strspn(next, SPACE);
        char *end = strchr(line, '\n');
        bool ok = true;

        next = end ? end + 1 : NULL;
        if (end) {
            *end = '\0';
        }
        g_strchomp(line);
        file->number++;
        if (*line == '[') {
            ok = end_section(file, section, error) && begin(file, section, line, error);
        } else if (*line && *line != '#') {
            ok = add_setting(file, section, line, error);
        }
        if (!ok) {
            return false;
        }
    }
    return end_section(file, section, error);
}

bool
vt_section_file_each(VtCommandLine *line, const char *path, VtOptionFunc *apply, GError **error)
{
    File file = {line, path, apply, 0};
    GString *text = vt_option_file_read(path, error);
    Section section = {NULL, 0, NULL};
    bool ok;

    if (!text) {
        return false;
    }
    section.text = g_string_sized_new(text->len * 2 + 1);
    ok = strlen(text->str) == text->len || vt_error_set(error, "%s: has a NUL character", path);
    ok = ok && apply_lines(&file, &section, text->str, error);
    vt_wipe_string(section.text);
    vt_wipe_string(text);
    return ok;
}
