/* SPDX-License-Identifier: MIT */
/*
 * What queries report of an image.
 */
#include <json-c/json.h>

#include "qcow2.h"
#include "vt-runtime/json.h"

#define NS INT64_C(1000000000)

static void
add_int(json_object *row, const char *key, uint64_t value)
{
    json_object_object_add(row, key, json_object_new_int64((int64_t)value));
}

static void
add_snapshots(const VtQcow2 *self, json_object *image)
{
    json_object *list = json_object_new_array();

    for (guint i = 0; i < self->snapshots->len; i++) {
        const VtQcow2Snapshot *snapshot = &g_array_index(self->snapshots, VtQcow2Snapshot, i);
        json_object *row = json_object_new_object();

        vt_json_add_text(row, "id", snapshot->id);
        vt_json_add_text(row, "name", snapshot->name);
        add_int(row, "vm-state-size", snapshot->state_size);
        add_int(row, "date-sec", snapshot->seconds);
        add_int(row, "date-nsec", snapshot->nanoseconds);
        add_int(row, "vm-clock-sec", snapshot->clock_ns / NS);
        add_int(row, "vm-clock-nsec", snapshot->clock_ns % NS);
        json_object_array_add(list, row);
    }
    json_object_object_add(image, "snapshots", list);
}

static json_object *
describe_format(const VtQcow2 *self)
{
    json_object *data = json_object_new_object(), *specific = json_object_new_object();
    bool version_3 = self->header.version >= 3;

    vt_json_add_text(data, "compat", version_3 ? "1.1" : "0.10");
    vt_json_add_text(data, "compression-type", self->header.compression ? "zstd" : "zlib");
    add_int(data, "refcount-bits", self->refcount_bits);
    if (version_3) {
        vt_json_add_bool(data, "lazy-refcounts", self->header.compatible & VT_QCOW2_LAZY);
        vt_json_add_bool(data, "corrupt", self->header.incompatible & VT_QCOW2_CORRUPT);
        vt_json_add_bool(data, "extended-l2", self->header.incompatible & VT_QCOW2_EXTENDED);
    }
    if (self->has_data_file) {
        if (self->header.data_file) {
            vt_json_add_text(data, "data-file", self->header.data_file);
        }
        vt_json_add_bool(data, "data-file-raw", self->raw_data);
    }
    vt_json_add_text(specific, "type", "qcow2");
    json_object_object_add(specific, "data", data);
    return specific;
}

void
vt_qcow2_describe(VtBlockNode *node, json_object *image)
{
    const VtQcow2 *self = node->state;

    add_int(image, "cluster-size", (uint64_t)self->cluster_size);
    vt_json_add_bool(image, "dirty-flag", self->header.incompatible & VT_QCOW2_DIRTY);
    if (self->header.backing) {
        vt_json_add_text(image, "backing-filename", self->header.backing);
        vt_json_add_text(image, "full-backing-filename",
                         self->backing && self->backing->filename ? self->backing->filename : self->header.backing);
    }
    if (self->header.backing && self->header.backing_format) {
        vt_json_add_text(image, "backing-filename-format", self->header.backing_format);
    }
    if (self->snapshots->len) {
        add_snapshots(self, image);
    }
    json_object_object_add(image, "format-specific", describe_format(self));
}
