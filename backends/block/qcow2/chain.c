/* SPDX-License-Identifier: MIT */
/*
 * The nodes below an image: its backing node, and its data file.  Those that only the header names are made here, in a
 * VM of their own.
 */
#include <string.h>

#include <json-c/json.h>

#include "qcow2.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/vm.h"

/* ---- nodes that the header names ------------------------------------------------------------------------ */

/* A name of the header is relative to the directory of the image. */
static char *
find_path(const VtQcow2 *self, const char *member, const char *name, GError **error)
{
    g_autofree char *directory = NULL;
    const char *colon = strchr(name, ':'), *slash = strchr(name, '/');

    if (g_str_has_prefix(name, "file:")) {
        name += strlen("file:");
    } else if (colon && (!slash || colon < slash)) {
        vt_error_set(error, "%s: the image names '%s', which is no path; define the node with %s", member, name,
                     member);
        return NULL;
    }
    if (g_path_is_absolute(name)) {
        return g_strdup(name);
    }
    if (!self->file->filename) {
        vt_error_set(error,
                     "%s: the image names '%s', and the directory of the image is unknown; define the node with %s",
                     member, name, member);
        return NULL;
    }
    directory = g_path_get_dirname(self->file->filename);
    return g_build_filename(directory, name, NULL);
}

static json_object *
describe_file(const VtQcow2 *self, const char *path, bool writable)
{
    const VtBlockdev *config = (const VtBlockdev *)self->config;
    json_object *file = json_object_new_object(), *cache = json_object_new_object();

    vt_json_add_text(file, "driver", "file");
    vt_json_add_text(file, "filename", path);
    vt_json_add_bool(file, "read-only", !writable);
    vt_json_add_bool(file, "force-share", !writable && config->force_share);
    vt_json_add_text(file, "discard", self->node->discards ? "unmap" : "ignore");
    vt_json_add_bool(cache, "direct", self->node->direct);
    vt_json_add_bool(cache, "no-flush", self->node->no_flush);
    json_object_object_add(file, "cache", cache);
    return file;
}

static unsigned last_number; /* of a node that was made; main thread only */

/* Makes the node, and holds it. */
static VtObject *
make(VtQcow2 *self, const char *member, json_object *json, bool writable, GError **error)
{
    const VtClaim claim = {.merge = -1, .dump = -1, .read_only = !writable};
    g_autofree char *name = g_strdup_printf("implicit-%u", ++last_number);
    g_autofree char *title = vt_object_title(self->object);
    VtCreation creation = {.root = vt_schema_class(vt_object_class(self->object)->schema, "blockdev")};
    GPtrArray *planned = NULL;
    VtObject *node = NULL;

    vt_json_add_text(json, "node-name", name);
    creation.input = vt_input_new_object(json, member);
    json_object_put(json);
    if (!self->implicit) {
        self->implicit = vt_vm_new_aside(vt_object_vm(self->object));
    }
    if (vt_vm_plan(self->implicit, &creation, 1, &planned, error) && vt_vm_realize(self->implicit, error)) {
        node = vt_vm_find(self->implicit, "block-node", name);
        self->holders[writable] = vt_backend_hold(node, title, &claim, error);
        node = self->holders[writable] ? node : NULL;
    }
    g_clear_pointer(&planned, g_ptr_array_unref);
    return node;
}

static VtObject *
make_backing(VtQcow2 *self, GError **error)
{
    const VtQcow2Header *header = &self->header;
    g_autofree char *path = NULL;
    json_object *json;

    if (!header->backing_format) {
        vt_error_set(error,
                     "backing: the image names the backing file '%s' without its format; define the node with backing, "
                     "or record the format with 'qemu-img rebase -u -F'",
                     header->backing);
        return NULL;
    }
    path = find_path(self, "backing", header->backing, error);
    if (!path) {
        return NULL;
    }
    json = json_object_new_object();
    vt_json_add_text(json, "driver", header->backing_format);
    vt_json_add_bool(json, "read-only", true);
    if (strcmp(header->backing_format, "file") == 0 || strcmp(header->backing_format, "host_device") == 0) {
        vt_json_add_text(json, "filename", path);
    } else {
        json_object *file = describe_file(self, path, false);
        g_autofree char *name = g_strdup_printf("implicit-%u-file", last_number + 1);

        vt_json_add_text(file, "node-name", name);
        json_object_object_add(json, "file", file);
    }
    return make(self, "backing", json, false, error);
}

static VtObject *
make_data_file(VtQcow2 *self, GError **error)
{
    g_autofree char *path = NULL;

    if (!self->header.data_file) {
        vt_error_set(error, "data-file: the image has its data in another file, and does not name it; define the node "
                            "with data-file");
        return NULL;
    }
    path = find_path(self, "data-file", self->header.data_file, error);
    return path ? make(self, "data-file", describe_file(self, path, !self->node->read_only), !self->node->read_only,
                       error)
                : NULL;
}

/* ---- all ------------------------------------------------------------------------------------------------ */

static bool
open_data_file(VtQcow2 *self, GError **error)
{
    VtObject *object = self->config->data_file.target;

    self->data = self->file;
    if (!self->has_data_file) {
        return !object || vt_error_set(error, "data-file: the image has its data in itself; expected no data-file");
    }
    if (!object) {
        object = make_data_file(self, error);
    }
    if (!object || !vt_block_node_add(self->node, object, "data-file", error)) {
        return false;
    }
    self->data = vt_block_node(object);
    if (self->data->read_only && !self->node->read_only) {
        return vt_error_set(error, "data-file: block-node '%s' is read-only; set read-only=on for the image, too",
                            vt_object_display(object));
    }
    return true;
}

static bool
open_backing(VtQcow2 *self, GError **error)
{
    const VtBlockdevRefOrNull *backing = &self->config->parent.backing;
    VtObject *object = NULL;

    if (vt_object_has(self->object, "backing")) {
        object = vt_qcow2_backing_ref(self) ? backing->u.reference.target : NULL;
    } else if (self->header.backing) {
        object = make_backing(self, error);
        if (!object) {
            return false;
        }
    }
    if (!object) {
        return true;
    }
    if (self->raw_data) {
        return vt_error_set(error, "backing: an image with a raw data file has no backing node");
    }
    self->backing = vt_block_node(object);
    return vt_block_node_add(self->node, object, "backing", error);
}

const VtRef *
vt_qcow2_backing_ref(const VtQcow2 *self)
{
    const VtBlockdevRefOrNull *backing = &self->config->parent.backing;

    return vt_object_has(self->object, "backing") && backing->type == 0 && backing->u.reference.target
               ? &backing->u.reference
               : NULL;
}

bool
vt_qcow2_chain_open(VtQcow2 *self, GError **error)
{
    return open_data_file(self, error) && open_backing(self, error);
}

void
vt_qcow2_chain_close(VtQcow2 *self)
{
    g_clear_pointer(&self->holders[0], vt_backend_let_go);
    g_clear_pointer(&self->holders[1], vt_backend_let_go);
    g_clear_pointer(&self->implicit, vt_vm_free);
}
