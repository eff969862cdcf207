/* SPDX-License-Identifier: MIT */
#include "tool-running.h"

#include <stdio.h>
#include <string.h>

#include "vt-engine/pin.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vintage-vm-options.h"

void
tool_running_init(ToolRunning *self, const VtSchema *schema)
{
    *self = (ToolRunning){
        .terms = {.program = &vt_program_vintage_vm, .schema = schema, .left = g_ptr_array_new_with_free_func(g_free)}};
}

void
tool_running_clear(ToolRunning *self)
{
    vt_engine_imported_clear(&self->imported);
    vt_engine_foreign_clear(&self->foreign);
    vt_engine_info_free(self->info);
    g_clear_pointer(&self->terms.left, g_ptr_array_unref);
}

bool
tool_running_read(ToolRunning *self, const char *pid, GError **error)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(pid, 10, 1, G_MAXINT, &number, NULL)) {
        return vt_error_set(error, "--pid: expected the number of a process, got '%s'", pid);
    }
    return vt_engine_foreign_read(&self->foreign, (pid_t)number, error);
}

bool
tool_running_read_file(ToolRunning *self, const char *path, bool is_domain, GError **error)
{
    const char *why = NULL;
    size_t len = 0;
    g_autofree char *text = vt_file_read(path, VT_ENGINE_WORDS_MAX, &len, &why);

    if (!text) {
        return vt_error_set(error, "%s: cannot be read: %s", path, why);
    }
    self->foreign.words = is_domain ? vt_engine_words_of_domain(text, len, self->terms.left, error)
                                    : vt_engine_words_of_text(text, len, error);
    if (!self->foreign.words) {
        g_prefix_error(error, "%s: ", path);
    }
    return self->foreign.words;
}

bool
tool_running_read_socket(ToolRunning *self, const char *path, GError **error)
{
    g_autoptr(VtEngineClient) client = vt_engine_client_connect(path, TOOL_LIMIT_MS, error);

    return client && vt_engine_foreign_read(&self->foreign, vt_engine_client_peer(client), error);
}

/* The target that the name of the program @word has; NULL: none. Borrowed from @word. */
static const char *
target_of(const char *word)
{
    const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;

    return g_str_has_prefix(name, VT_ENGINE_PREFIX) ? name + strlen(VT_ENGINE_PREFIX) : NULL;
}

bool
tool_running_import(ToolRunning *self, const char *release, GError **error)
{
    const char *word = self->foreign.words[0];
    VtEngineImport *terms = &self->terms;
    g_autoptr(GError) failure = NULL;

    self->info = vt_engine_info_new(self->foreign.binary ? self->foreign.binary : word, &failure);
    terms->target = self->info ? vt_engine_info_target(self->info) : target_of(word);
    terms->release = release;
    terms->directory = self->foreign.directory;
    if (self->info && !release) {
        uint16_t number = vt_engine_release(terms->schema, self->info);

        terms->release = number ? vt_schema_version_name(terms->schema, VT_AXIS_RELEASE, number) : NULL;
    }
    if (!terms->release) {
        fprintf(stderr, "vintage: note: the release of QEMU is not known%s%s; '--release' states it\n",
                failure ? ": " : "", failure ? failure->message : "");
    }
    return vt_engine_import_words(terms, self->foreign.words + 1, &self->imported, error);
}

VtVm *
tool_running_plan(const ToolRunning *self, bool lean, GError **error)
{
    const VtOverrides overrides = {.release = self->terms.release};
    g_autoptr(VtVm) vm = vt_command_line_plan(self->imported.line, &overrides, error);
    g_autoptr(VtCommandLine) line = NULL;
    g_autoptr(GPtrArray) words = NULL;
    json_object *config;

    if (!vm || !lean) {
        return g_steal_pointer(&vm);
    }
    config = vt_command_line_convert(self->imported.line, error);
    if (config) {
        vt_engine_import_reduce(vt_vm_context(vm), self->terms.program, config, true);
        words = vt_command_line_arguments(self->imported.line, config, true, error);
        json_object_put(config);
    }
    line = words ? vt_command_line_new(self->terms.program, self->terms.schema, (int)words->len, (char **)words->pdata,
                                       error)
                 : NULL;
    return line ? vt_command_line_plan(line, &overrides, error) : NULL;
}

/* ---- its monitor --------------------------------------------------------------------------------------- */

/* The path of the UNIX socket of @chardev, which QEMU serves; NULL: it is none. The caller frees it. */
static char *
socket_of(const VtObject *chardev)
{
    const VtClassInfo *info = vt_object_class(chardev);
    const VtProp *address = vt_class_prop(info, "addr", strlen("addr"));
    json_object *value = NULL, *data = NULL, *path = NULL;
    char *text = NULL;

    if (address) {
        vt_object_values(chardev, address, 0, &value, NULL);
    }
    if (json_object_object_get_ex(value, "data", &data) && json_object_object_get_ex(data, "path", &path)) {
        text = g_strdup(json_object_get_string(path));
    }
    json_object_put(value);
    return text;
}

/* The path of a monitor's UNIX socket; NULL: it has none. The caller frees it. */
static char *
path_of_monitor(const ServiceOptions *options, const VtVm *vm)
{
    char *path = NULL;

    for (size_t i = 0; i < options->n_qmp && !path; i++) {
        const VtQmpServer *server = &options->qmp[i];

        path = server->server && server->address.type == VT_SOCKET_ADDRESS_TYPE_UNIX
                   ? g_strdup(server->address.u.q_unix.path)
                   : NULL;
    }
    for (size_t i = 0; i < options->n_mon && !path; i++) {
        const VtObject *chardev = vt_vm_find(vm, "chardev", options->mon[i].chardev);

        path = chardev && options->mon[i].mode == VT_MONITOR_MODE_CONTROL ? socket_of(chardev) : NULL;
    }
    return path;
}

VtEngineClient *
tool_running_connect(const ToolRunning *self, GError **error)
{
    g_autoptr(VtVm) vm = tool_running_plan(self, false, error);
    g_autofree char *path = NULL, *absolute = NULL;
    ServiceOptions options;

    if (!vm) {
        return NULL;
    }
    vintage_vm_read_options(vt_command_line_options(self->imported.line), &options);
    path = path_of_monitor(&options, vm);
    if (!path) {
        vt_error_set(error, "process %d: its command line names no UNIX socket with QMP", (int)self->foreign.pid);
        return NULL;
    }
    absolute = g_path_is_absolute(path) || !self->foreign.directory
                   ? g_strdup(path)
                   : g_build_filename(self->foreign.directory, path, NULL);
    return vt_engine_client_connect(absolute, TOOL_LIMIT_MS, error);
}
