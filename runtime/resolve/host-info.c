/* SPDX-License-Identifier: MIT */
/*
 * The description of this host: its kernel, its processor, its modules and the answers to all probes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <json-c/json.h>

#include "schema/schema-private.h"
#include "vt-runtime/host-info.h"
#include "vt-runtime/json.h"
#include "vt-runtime/open-file.h"

#define HEAD_MAX ((size_t)16 << 10) /* the first processor of /proc/cpuinfo */

/* ---- features ------------------------------------------------------------------------------------------ */

json_object *
vt_host_info_features(VtPlatform *platform)
{
    const VtSchema *schema = vt_platform_schema(platform);
    const VtLayer *lowest = vt_schema_lowest(schema);
    json_object *list = json_object_new_array();

    for (uint32_t i = 1; i < lowest->n_features; i++) {
        json_object *row = json_object_new_object();
        const char *detail = NULL;
        VtAnswer answer = vt_platform_ask(platform, (uint16_t)i, &detail);

        vt_json_add_text(row, "feature", vt_str(lowest, lowest->features[i].name));
        vt_json_add_text(row, "since", vt_schema_version_name(schema, VT_AXIS_PLATFORM, lowest->features[i].since));
        vt_json_add_text(row, "host", vt_answer_name(answer));
        vt_json_add_text(row, "detail", detail);
        json_object_array_add(list, row);
    }
    return list;
}

/* ---- processor and modules ----------------------------------------------------------------------------- */

/* Reads the beginning of a file of /proc, which has no size.  NULL: it cannot be read. */
static char *
read_head(const char *path)
{
    int fd = vt_file_open(path, O_RDONLY, VT_FILE_REGULAR, 0, NULL);
    g_autofree char *text = g_malloc0(HEAD_MAX + 1);
    size_t len = 0;
    ssize_t got = 1;

    while (fd >= 0 && len < HEAD_MAX && got != 0) {
        got = read(fd, text + len, HEAD_MAX - len);
        if (got < 0 && errno != EINTR) {
            break;
        }
        len += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    return len ? g_steal_pointer(&text) : NULL;
}

/* Keys of /proc/cpuinfo, on the architectures that have them, and the member that each becomes. */
static const struct {
    const char *key, *member;
    bool list;
} processor_keys[] = {
    {"vendor_id", "vendor", false}, {"CPU implementer", "vendor", false},
    {"model name", "model", false}, {"CPU part", "model", false},
    {"flags", "flags", true},       {"Features", "flags", true},
    {"features", "flags", true},
};

static void
add_words(json_object *object, const char *member, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    json_object *list = json_object_new_array();

    for (char **word = words; *word; word++) {
        if (**word) {
            json_object_array_add(list, json_object_new_string(*word));
        }
    }
    json_object_object_add(object, member, list);
}

static json_object *
processor(void)
{
    json_object *cpu = json_object_new_object();
    g_autofree char *text = read_head("/proc/cpuinfo");
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

    for (char **line = lines; *line; line++) {
        char *colon = strchr(*line, ':');

        if (!colon) {
            continue;
        }
        *colon = '\0';
        g_strchomp(*line);
        for (size_t i = 0; i < G_N_ELEMENTS(processor_keys); i++) {
            const char *member = processor_keys[i].member;

            /* The first processor stands for all. */
            if (strcmp(*line, processor_keys[i].key) != 0 || json_object_object_get(cpu, member)) {
                continue;
            }
            if (processor_keys[i].list) {
                add_words(cpu, member, colon + 1);
            } else {
                vt_json_add_text(cpu, member, g_strstrip(colon + 1));
            }
        }
    }
    return cpu;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The modules that are loaded, sorted.  What the kernel has built in is not among them. */
static json_object *
modules(void)
{
    json_object *list = json_object_new_array();
    size_t len;
    g_autofree char *text = vt_file_read("/proc/modules", VT_HOST_FILE_MAX, &len, NULL);
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

    for (char **line = lines; *line; line++) {
        (*line)[strcspn(*line, " ")] = '\0';
    }
    qsort(lines, g_strv_length(lines), sizeof *lines, compare_names);
    for (char **line = lines; *line; line++) {
        if (**line) {
            json_object_array_add(list, json_object_new_string(*line));
        }
    }
    return list;
}

json_object *
vt_host_info_new(VtPlatform *platform)
{
    json_object *info = json_object_new_object();
    struct utsname names;

    if (uname(&names) == 0) {
        vt_json_add_text(info, "name", names.nodename);
        vt_json_add_text(info, "kernel", names.release);
        vt_json_add_text(info, "architecture", names.machine);
    }
    json_object_object_add(info, "cpu", processor());
    json_object_object_add(info, "modules", modules());
    json_object_object_add(info, "features", vt_host_info_features(platform));
    return info;
}
