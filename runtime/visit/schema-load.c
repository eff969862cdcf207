/* SPDX-License-Identifier: MIT */
/*
 * Reads definitions from outside the program. The members of a file decide what it defines.
 */
#include <string.h>

#include <json-c/json.h>

#include "visit/vendor-private.h"
#include "vt-gen/runtime.h"
#include "vt-runtime/error.h"
#include "vt-runtime/input.h"
#include "vt-runtime/json.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/ops.h"

#define FILE_MAX ((size_t)1 << 20)

/* A machine that was read.  Its base may be in a file that follows. */
typedef struct Pending {
    const VtSchema *schema;
    uint16_t type;       /* BoardMachine or MachineOverlay, with which it begins */
    VtBoardMachine data; /* of an overlay: the members of overlays only */
    char *path;
} Pending;

static void
pending_free(void *opaque)
{
    Pending *pending = opaque;

    vt_struct_clear(pending->schema, pending->type, &pending->data);
    g_free(pending->path);
    g_free(pending);
}

typedef struct Load {
    const VtSchema *schema;
    GPtrArray *machines; /* of Pending */
} Load;

/* ---- machine overlays ------------------------------------------------------------------------------------ */

static bool
is_name(const char *name)
{
    return name[strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ".+_-")] == '\0' && g_ascii_isalpha(name[0]);
}

/* *@ret_again: the file was read before. */
static bool
check_name(const Load *load, const Pending *pending, bool *ret_again, GError **error)
{
    const char *name = pending->data.machine;
    VtMachineName known = {NULL};
    bool ok = true;

    *ret_again = false;
    if (!is_name(name)) {
        return vt_error_set(error, "%s: machine: '%s' is no name: expected letters, digits, '.', '+', '_' and '-'",
                            pending->path, name);
    }
    if (vt_machine_find(load->schema, name, &known, NULL)) {
        *ret_again = known.vendor && strcmp(known.vendor->where, pending->path) == 0;
        ok = *ret_again || vt_error_set(error, "%s: machine: '%s' exists%s%s", pending->path, name,
                                        known.vendor ? ": " : "", known.vendor ? known.vendor->where : "");
    }
    vt_machine_name_clear(&known);
    return ok;
}

static bool
find_base(const Load *load, const Pending *pending, VtMachineName *ret_base, GError **error)
{
    const char *name = pending->data.base;
    uint16_t target = pending->data.target ? vt_target_from_name(pending->data.target) : 0;

    if (pending->data.target && !target) {
        vt_target_fail_unknown(pending->data.target, error);
        g_prefix_error(error, "%s: target: ", pending->path);
        return false;
    }
    if (!vt_machine_find_for(load->schema, name, target, ret_base, error)) {
        g_prefix_error(error, "%s: base: ", pending->path);
        return false;
    }
    if (strcmp(ret_base->name, name) != 0) {
        vt_error_set(error, "%s: base: '%s' is an alias, which names another machine later; expected '%s'",
                     pending->path, name, ret_base->name);
        vt_machine_name_clear(ret_base);
        return false;
    }
    return true;
}

static void
set_board(VtVendorMachine *machine, const VtBoardMachine *data)
{
    json_object *list = json_object_new_array();
    g_autofree char *creates = NULL;

    for (size_t i = 0; i < data->creates.n; i++) {
        json_object_array_add(list, json_object_get(data->creates.v[i]));
    }
    creates = data->creates.n ? vt_json_text(list) : NULL;
    vt_vendor_machine_set_board(machine, data->alias, data->doc, creates);
    json_object_put(list);
}

static bool
add_machine(const Load *load, const Pending *pending, const VtMachineName *base, GError **error)
{
    const VtBoardMachine *data = &pending->data;
    g_autoptr(VtVendorMachine) machine = vt_vendor_machine_new(data->machine, pending->path, base, data->defaults.n);

    for (size_t i = 0; i < data->defaults.n; i++) {
        const VtOverlayDefault *one = &data->defaults.v[i];

        vt_vendor_machine_add_default(machine, one->driver, one->property, one->value, one->why);
    }
    if (data->doc) {
        set_board(machine, data);
    }
    if (!vt_vendor_machine_check(load->schema, machine, error)) {
        return false;
    }
    vt_schema_add_vendor_machine(load->schema, g_steal_pointer(&machine));
    return true;
}

/* Adds machines whose base is known, until there are no more.  *@ret_added: at least one was added. */
static bool
add_known(Load *load, bool *ret_added, GError **error)
{
    *ret_added = false;
    for (guint i = 0; i < load->machines->len;) {
        const Pending *pending = load->machines->pdata[i];
        VtMachineName base = {NULL};
        bool again, ok;

        if (!check_name(load, pending, &again, error)) {
            return false;
        }
        if (!again && !find_base(load, pending, &base, NULL)) {
            i++;
            continue;
        }
        ok = again || add_machine(load, pending, &base, error);
        vt_machine_name_clear(&base);
        if (!ok) {
            return false;
        }
        g_ptr_array_remove_index(load->machines, i);
        *ret_added = true;
    }
    return true;
}

static bool
add_machines(Load *load, GError **error)
{
    bool added = true;
    VtMachineName base = {NULL};

    while (added) {
        if (!add_known(load, &added, error)) {
            return false;
        }
    }
    return !load->machines->len || find_base(load, load->machines->pdata[0], &base, error);
}

static bool
read_machine(Load *load, const char *text, size_t len, const char *path, GError **error)
{
    g_autoptr(VtInput) input = vt_input_new_json_at(text, len, path, NULL, 1, 1);
    Pending *pending = g_new0(Pending, 1);

    pending->schema = load->schema;
    pending->type = vt_schema_find_type(load->schema, "MachineOverlay");
    if (!vt_input_visit_type(input, load->schema, NULL, pending->type, &pending->data, error)) {
        g_free(pending);
        return false;
    }
    pending->path = g_strdup(path);
    g_ptr_array_add(load->machines, pending);
    return true;
}

/* ---- tables of boards ------------------------------------------------------------------------------------ */

static bool
add_table(Load *load, VtMachineTable *table, const char *path, GError **error)
{
    const char *hash = vt_schema_hash(load->schema);

    if (strcmp(table->schema, hash) != 0) {
        return vt_error_set(error,
                            "%s: compiled against schema %s, this is %s: compile '%s' again with 'qapi-gen table'",
                            path, table->schema, hash, table->source);
    }
    for (size_t i = 0; i < table->machines.n; i++) {
        Pending *pending = g_new0(Pending, 1);

        pending->schema = load->schema;
        pending->type = vt_schema_find_type(load->schema, "BoardMachine");
        pending->data = table->machines.v[i];
        table->machines.v[i] = (VtBoardMachine){.machine = NULL};
        pending->path = g_strdup(path);
        g_ptr_array_add(load->machines, pending);
    }
    return true;
}

static bool
read_table(Load *load, const char *text, size_t len, const char *path, GError **error)
{
    uint16_t type = vt_schema_find_type(load->schema, "MachineTable");
    g_autoptr(VtInput) input = vt_input_new_json_at(text, len, path, NULL, 1, 1);
    VtMachineTable table = {.schema = NULL};
    bool ok;

    if (!vt_schema_n_versions(load->schema, VT_AXIS_MACHINE)) {
        return true; /* a program without machines */
    }
    if (!vt_input_visit_type(input, load->schema, NULL, type, &table, error)) {
        return false;
    }
    ok = add_table(load, &table, path, error);
    vt_struct_clear(load->schema, type, &table);
    return ok;
}

/* Whether the text is a schema: JSON has no comments, and no single quotes. */
static bool
is_schema(const char *text)
{
    for (text += strspn(text, " \n"); *text == '#'; text += strspn(text, " \n")) {
        text += strcspn(text, "\n");
    }
    return text[0] == '{' && text[1 + strspn(text + 1, " \n")] == '\'';
}

/* ---- files ----------------------------------------------------------------------------------------------- */

static const char *
text_of(json_object *object, const char *name)
{
    json_object *value = NULL;

    return json_object_object_get_ex(object, name, &value) && json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : NULL;
}

/* A platform overlay is decoded where it is used. */
static bool
add_platform(const Load *load, const char *name, const char *path, GError **error)
{
    return vt_schema_add_platform_file(load->schema, name, path) ||
           vt_error_set(error, "%s: platform: '%s' exists", path, name);
}

static bool
read_file(Load *load, const char *path, GError **error)
{
    const char *why;
    size_t len;
    g_autofree char *text = vt_file_read(path, FILE_MAX, &len, &why);
    g_autoptr(VtInput) input = NULL;
    json_object *tree;
    bool object, ok;

    if (!text) {
        return vt_error_set(error, "%s: cannot be read: %s", path, why);
    }
    if (is_schema(text)) {
        return vt_error_set(error, "%s: a schema, which no program checks: compile it with 'qapi-gen table -o FILE %s'",
                            path, path);
    }
    input = vt_input_new_json_at(text, len, path, NULL, 1, 1);
    tree = vt_input_to_object(input, error);
    if (error && *error) {
        return false;
    }
    object = json_object_is_type(tree, json_type_object);
    if (object && json_object_object_get_ex(tree, "table", NULL)) {
        ok = read_table(load, text, len, path, error);
    } else if (object && text_of(tree, "machine")) {
        ok = read_machine(load, text, len, path, error);
    } else if (object && text_of(tree, "platform")) {
        ok = add_platform(load, text_of(tree, "platform"), path, error);
    } else {
        ok = vt_error_set(
            error, "%s: expected an object with 'machine' or 'platform', the name that it defines, or a table", path);
    }
    json_object_put(tree);
    return ok;
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether file @i is a schema beside its table: "acme.json" before "acme.table". */
static bool
has_table(const GPtrArray *files, guint i)
{
    const char *path = files->pdata[i], *next = i + 1 < files->len ? files->pdata[i + 1] : "";
    size_t len = strlen(path) - strlen("json");

    return g_str_has_suffix(path, ".json") && strncmp(path, next, len) == 0 && strcmp(next + len, "table") == 0;
}

static bool
read_directory(Load *load, const char *path, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDir) directory = g_dir_open(path, 0, &failure);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (!directory) {
        return vt_error_set(error, "%s", failure->message);
    }
    while ((name = g_dir_read_name(directory))) {
        if (g_str_has_suffix(name, ".json") || g_str_has_suffix(name, ".table")) {
            g_ptr_array_add(files, g_build_filename(path, name, NULL));
        }
    }
    g_ptr_array_sort(files, compare_names);
    for (guint i = 0; i < files->len; i++) {
        if (!has_table(files, i) && !read_file(load, files->pdata[i], error)) {
            return false;
        }
    }
    return true;
}

static bool
read_place(Load *load, const char *path, GError **error)
{
    return g_file_test(path, G_FILE_TEST_IS_DIR) ? read_directory(load, path, error) : read_file(load, path, error);
}

bool
vt_schema_load_paths(const VtSchema *schema, const char *paths, GError **error)
{
    g_auto(GStrv) list = g_strsplit(paths ? paths : "", ":", -1);
    g_autoptr(GPtrArray) machines = g_ptr_array_new_with_free_func(pending_free);
    Load load = {schema, machines};

    for (size_t i = 0; list[i]; i++) {
        if (list[i][0] && !read_place(&load, list[i], error)) {
            return false;
        }
    }
    return add_machines(&load, error);
}

bool
vt_schema_load(const VtSchema *schema, const char *path, GError **error)
{
    g_autoptr(GPtrArray) machines = g_ptr_array_new_with_free_func(pending_free);
    Load load = {schema, machines};

    return read_place(&load, path, error) && add_machines(&load, error);
}
