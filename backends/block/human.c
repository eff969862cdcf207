/* SPDX-License-Identifier: MIT */
/*
 * Commands of the human monitor for block nodes.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/backends.h"
#include "vt-runtime/human.h"
#include "vt-runtime/json.h"

/* "NAME: FILE (DRIVER, read-only)", and details of the node. */
static void
show_node(GString *text, const char *name, json_object *node, bool verbose)
{
    json_object *cache = json_object_object_get(node, "cache");
    const char *file = vt_json_member_text(node, "file");
    const char *node_name = vt_json_member_text(node, "node-name");
    bool direct = json_object_get_boolean(json_object_object_get(cache, "direct"));

    g_string_append(text, name);
    if (node_name && strcmp(name, node_name) != 0) {
        g_string_append_printf(text, " (%s)", node_name);
    }
    g_string_append_printf(text, ": %s (%s%s)\n", file && *file ? file : "no file", vt_json_member_text(node, "drv"),
                           json_object_get_boolean(json_object_object_get(node, "ro")) ? ", read-only" : "");
    g_string_append_printf(text, "    Cache mode:       %s%s\n",
                           json_object_get_boolean(json_object_object_get(cache, "writeback")) ? "writeback"
                                                                                               : "writethrough",
                           direct ? ", direct" : "");
    if (verbose) {
        vt_human_show(text, NULL, json_object_object_get(node, "image"));
    }
}

static bool
show_nodes(VtMonitor *monitor, const VtQObjHmpInfoBlockArg *arg, GString *text, GError **error)
{
    json_object *list = vt_monitor_call(monitor, "query-named-block-nodes", NULL, error);

    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        json_object *node = json_object_array_get_idx(list, i);
        const char *name = vt_json_member_text(node, "node-name");

        if (name && (!arg->device || strcmp(arg->device, name) == 0)) {
            show_node(text, name, node, arg->verbose);
        }
    }
    json_object_put(list);
    return list;
}

bool
vt_hmp_info_block(VtMonitor *monitor, const VtQObjHmpInfoBlockArg *arg, GString *text, GError **error)
{
    json_object *list;

    if (arg->nodes) {
        return show_nodes(monitor, arg, text, error);
    }
    list = vt_monitor_call(monitor, "query-block", NULL, error);
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        json_object *device = json_object_array_get_idx(list, i), *node = json_object_object_get(device, "inserted");
        const char *name = vt_json_member_text(device, "device"), *user = vt_json_member_text(device, "qdev");

        name = *name ? name : node ? vt_json_member_text(node, "node-name") : user ? user : "";
        if (arg->device && strcmp(arg->device, name) != 0) {
            continue;
        }
        if (node) {
            show_node(text, name, node, arg->verbose);
        } else {
            g_string_append_printf(text, "%s: [not inserted]\n", name);
        }
        if (user) {
            g_string_append_printf(text, "    Attached to:      %s\n", user);
        }
    }
    json_object_put(list);
    return list;
}
