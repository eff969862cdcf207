/* SPDX-License-Identifier: MIT */
#include "fuzz-vm.h"

#include <string.h>

#include <json-c/json.h>

#define PROGRAMS_MAX 4

const VtSchema *
fuzz_schema(const VtProgram *program)
{
    static struct {
        const VtProgram *program;
        VtSchema *schema;
    } known[PROGRAMS_MAX];
    unsigned i = 0;

    while (known[i].program && known[i].program != program) {
        i++;
    }
    g_assert_cmpuint(i, <, PROGRAMS_MAX);
    if (!known[i].program) {
        known[i].program = program;
        known[i].schema = vt_schema_new(program->layers);
    }
    return known[i].schema;
}

void
fuzz_check_error(const GError *error)
{
    g_assert_nonnull(error);
    g_assert_cmpuint(strlen(error->message), >, 0);
}

GStrv
fuzz_words(const uint8_t *bytes, size_t len)
{
    g_autofree char *text = g_strndup((const char *)bytes, len);

    for (size_t i = 0; i < len; i++) {
        text[i] = bytes[i] ? (char)bytes[i] : '\n';
    }
    return g_strsplit(text, "\n", -1);
}

void
fuzz_vm_init(FuzzVm *self, const VtProgram *program, const char *const *words)
{
    g_autoptr(GStrvBuilder) copies = g_strv_builder_new();
    g_autoptr(GError) error = NULL;

    for (; *words; words++) {
        g_strv_builder_add(copies, *words);
    }
    *self = (FuzzVm){.program = program, .words = g_strv_builder_end(copies)};
    self->line =
        vt_command_line_new(program, fuzz_schema(program), (int)g_strv_length(self->words), self->words, &error);
    g_assert_no_error(error);
    vt_command_line_omit_defaults(self->line);
    self->vm = vt_command_line_plan(self->line, NULL, &error);
    g_assert_no_error(error);
}

void
fuzz_vm_start(FuzzVm *self)
{
    g_autoptr(GError) error = NULL;

    vt_vm_realize(self->vm, &error);
    g_assert_no_error(error);
    vt_vm_started(self->vm);
}

void
fuzz_vm_clear(FuzzVm *self)
{
    vt_vm_free(self->vm);
    vt_command_line_free(self->line);
    g_strfreev(self->words);
    fuzz_settle(1000);
}

void
fuzz_settle(unsigned rounds)
{
    while (rounds-- && g_main_context_iteration(NULL, FALSE)) {
    }
}

/* Runs each query of the tool on a VM once. */
static void
report(const VtCommandLine *line, VtVm *vm)
{
    g_autoptr(GArray) objects = vt_vm_objects(vm);
    g_autoptr(GError) error = NULL;
    json_object *frozen;

    json_object_put(vt_vm_effective_config(vm, false));
    json_object_put(vt_vm_effective_config(vm, true));
    for (guint i = 0; i < objects->len; i++) {
        json_object_put(vt_object_explain(g_array_index(objects, VtEntryKey, i).object, true));
    }
    frozen = vt_command_line_freeze(line, vm, &error);
    g_assert_true(!frozen == !!error);
    json_object_put(frozen);
}

void
fuzz_plan(VtCommandLine *line, GError **error)
{
    g_autoptr(VtVm) vm = NULL;

    if (!line) {
        fuzz_check_error(*error);
        return;
    }
    g_assert_no_error(*error);
    vm = vt_command_line_plan(line, NULL, error);
    if (vm) {
        g_assert_no_error(*error);
        report(line, vm);
    } else {
        fuzz_check_error(*error);
    }
}
