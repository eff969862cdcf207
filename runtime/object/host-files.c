/* SPDX-License-Identifier: MIT */
/*
 * Checks host files that objects read at startup ('reads-file' in the schema), if the config names them.  The object
 * itself loads files that only a default names, such as the default firmware.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "object/object-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

/* Why the file cannot be read; NULL if it can. */
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
        /* A member with a default, such as the firmware, may have a name without a directory.  The loader searches for
         * it. */
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
