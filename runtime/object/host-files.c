/* SPDX-License-Identifier: MIT */
/*
 * Files of the host that objects read when they start ('reads-file' in the schema), where somebody named them: what a
 * default names, such as the usual firmware, is loaded by whoever has it.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "object/object-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

/* NULL, or why the file cannot be read. */
static const char *
trouble_with(const char *path)
{
    const char *why = NULL;
    int fd = vt_file_open(path, O_RDONLY, VT_FILE_REGULAR, 0, &why);

    if (fd >= 0) {
        close(fd);
    }
    return why;
}

bool
vt_object_check_files(const VtObject *object, GError **error)
{
    const VtClassInfo *info = &object->class->info;

    for (size_t i = 0; object->class->reads_files && i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        const char *path, *trouble;

        if (!(prop->cold->features & VT_FEATURE_READS_FILE) || !vt_config_given(object->config, prop)) {
            continue;
        }
        path = *(char **)vt_config_field(object->config, prop);
        /* A plain name of a member with a default, such as the firmware, is looked up by what loads it. */
        if (prop->timeline && !strchr(path, '/')) {
            continue;
        }
        trouble = trouble_with(path);
        if (trouble) {
            return vt_error_set(error, "%s: could not load '%s': %s", prop->name, path, trouble);
        }
    }
    return true;
}

bool
vt_vm_check_files(const VtVm *vm, GError **error)
{
    for (const GList *link = vm->planned.head; link; link = link->next) {
        const VtObject *object = link->data;

        if (!vt_object_check_files(object, error)) {
            if (object->config->where) {
                g_prefix_error(error, "%s: ", object->config->where);
            }
            return false;
        }
    }
    return true;
}
