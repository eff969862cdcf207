/* SPDX-License-Identifier: MIT */
/*
 * Files of the host that objects read when they start ('reads-file' in the schema), where somebody named them: what a
 * default names, such as the usual firmware, is loaded by whoever has it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object-private.h"
#include "vt-runtime/error.h"

/* NULL, or why the file cannot be read.  A FIFO without a writer must not hold the process. */
static const char *
trouble_with(const char *path)
{
    const char *trouble = NULL;
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0) {
        return g_strerror(errno);
    }
    if (fstat(fd, &info) < 0) {
        trouble = g_strerror(errno);
    } else if (!S_ISREG(info.st_mode)) {
        trouble = S_ISDIR(info.st_mode) ? g_strerror(EISDIR) : "it is not a regular file";
    }
    close(fd);
    return trouble;
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
    for (guint i = 0; i < vm->planned->len; i++) {
        const VtObject *object = vm->planned->pdata[i];

        if (!vt_object_check_files(object, error)) {
            if (object->config->where) {
                g_prefix_error(error, "%s: ", object->config->where);
            }
            return false;
        }
    }
    return true;
}
