/* SPDX-License-Identifier: MIT */
/*
 * vintage platform probe: what this host answers, as a table or as a file for other commands and hosts.
 */
#include <stdio.h>
#include <string.h>

#include "tool-platform.h"
#include "vt-runtime/host-info.h"
#include "vt-runtime/json.h"
#include "vt-runtime/replace-file.h"

static int
write_host(VtPlatform *platform, const char *path)
{
    json_object *info = vt_host_info_new(platform);
    g_autofree char *text = vt_json_pretty(info);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autoptr(GError) error = NULL;

    json_object_put(info);
    return vt_file_replace(path, valid, strlen(valid), &error) ? TOOL_DONE : tool_failed(error);
}

int
tool_platform_probe(const VtSchema *schema, const char *probe_file, const char *path, bool json)
{
    static const char *const headers[] = {"feature", "since", "host", "detail", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(VtPlatform) platform = vt_platform_new(schema, 0, probe_file, &error);
    json_object *list;

    if (!platform) {
        return tool_failed(error);
    }
    if (path) {
        return write_host(platform, path);
    }
    list = vt_host_info_features(platform);
    if (json) {
        tool_print_json(list);
        return TOOL_DONE;
    }
    tool_platform_print(list, headers);
    json_object_put(list);
    return TOOL_DONE;
}
