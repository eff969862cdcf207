/* SPDX-License-Identifier: MIT */
/*
 * memory-backend-file: a part of a file.  An existing file keeps its size; an empty or new file is extended as needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/own-path.h"

#define NEW_FILE_MODE 0644

VtOnOffAuto
vt_derive_memory_backend_file_rom(bool readonly)
{
    return readonly ? VT_ON_OFF_AUTO_ON : VT_ON_OFF_AUTO_OFF;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtMemoryBackendFile *config = vt_object_config(object);

    if (!*config->mem_path) {
        return vt_error_set(error, "mem-path: expected a path, got ''");
    }
    if (config->align & (config->align - 1)) {
        return vt_error_set(error, "align: %" G_GUINT64_FORMAT " is not a power of two", config->align);
    }
    if (config->rom == VT_ON_OFF_AUTO_ON && !config->readonly) {
        return vt_error_set(error, "rom: 'on' requires readonly=on");
    }
    if (config->rom == VT_ON_OFF_AUTO_OFF && config->readonly && config->parent.share) {
        return vt_error_set(
            error, "rom: 'off' requires share=off if readonly=on: the guest cannot write to a shared read-only file");
    }
    return true;
}

/* ---- the file ------------------------------------------------------------------------------------------ */

static int
path_error(const char *path, int number, GError **error)
{
    vt_error_set(error, "mem-path: '%s': %s", path, g_strerror(number));
    return -1;
}

/* A directory selects its file system, such as hugetlbfs: the file is created there and unlinked. */
static int
open_nameless(const char *directory, GError **error)
{
    g_autofree char *path = g_build_filename(directory, "vintage-memory-XXXXXX", NULL);
    int fd = mkostemp(path, O_CLOEXEC);

    if (fd < 0) {
        return path_error(directory, errno, error);
    }
    unlink(path);
    return fd;
}

/* *ret_created: the path, if the file was created; otherwise NULL. */
static int
open_file(const VtMemoryBackendFile *config, VtOwnPath **ret_created, GError **error)
{
    const char *path = config->mem_path;
    unsigned kinds = VT_FILE_REGULAR | VT_FILE_CHARACTER;
    const char *why;
    int fd = vt_file_open(path, config->readonly ? O_RDONLY : O_RDWR, kinds, 0, &why);

    if (fd < 0 && errno == ENOENT && !config->readonly) {
        fd = vt_file_open(path, O_RDWR | O_CREAT | O_EXCL, kinds, vt_file_mode(config->mode, NEW_FILE_MODE), &why);
        *ret_created = fd >= 0 ? vt_own_path_new(path, fd) : NULL;
    } else if (fd < 0 && errno == EISDIR && !config->readonly) {
        return open_nameless(path, error);
    } else if (fd < 0 && errno == EISDIR) {
        why = "is a directory; expected a file if readonly=on";
    }
    if (fd < 0) {
        vt_error_set(error, "mem-path: '%s': %s", path, why);
    }
    return fd;
}

static bool
check_pages(const VtMemoryBackendFile *config, size_t page_size, GError **error)
{
    if (config->align % page_size) {
        return vt_error_set(error, "align: %" G_GUINT64_FORMAT " is not a multiple of the page size %zu", config->align,
                            page_size);
    }
    if (config->offset % page_size) {
        return vt_error_set(error, "offset: %" G_GUINT64_FORMAT " is not a multiple of the page size %zu",
                            config->offset, page_size);
    }
    if (config->parent.size < page_size) {
        return vt_error_set(error, "size: %" G_GUINT64_FORMAT " is lower than the page size %zu", config->parent.size,
                            page_size);
    }
    return true;
}

/* Verifies that the file is large enough, or extends it. */
static bool
fit_size(const VtMemoryBackendFile *config, int fd, size_t page_size, GError **error)
{
    struct stat stat;
    uint64_t end;

    if (fstat(fd, &stat)) {
        return path_error(config->mem_path, errno, error) == 0;
    }
    if (!S_ISREG(stat.st_mode)) {
        return true; /* the driver of a device checks the size when it is mapped */
    }
    if (__builtin_add_overflow(config->offset, config->parent.size + page_size - 1, &end) || end > INT64_MAX) {
        return vt_error_set(error,
                            "size: %" G_GUINT64_FORMAT " bytes at offset %" G_GUINT64_FORMAT
                            " exceeds the maximum length of a file",
                            config->parent.size, config->offset);
    }
    if (!stat.st_size && !config->readonly) {
        end &= ~(uint64_t)(page_size - 1);
        return ftruncate(fd, (off_t)end) == 0 ||
               vt_error_set(error, "size: a file of %" G_GUINT64_FORMAT " bytes cannot be created: %s", end,
                            g_strerror(errno));
    }
    if ((uint64_t)stat.st_size < config->offset + config->parent.size) {
        return vt_error_set(error,
                            "size: '%s' has %" G_GINT64_FORMAT " bytes; expected at least %" G_GUINT64_FORMAT
                            " at offset %" G_GUINT64_FORMAT,
                            config->mem_path, (gint64)stat.st_size, config->parent.size, config->offset);
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    const VtMemoryBackendFile *config = vt_object_config(object);
    VtMemorySource source = {
        .offset = config->offset,
        .align = config->align,
        .rom = config->rom == VT_ON_OFF_AUTO_ON,
        .read_only = config->rom == VT_ON_OFF_AUTO_ON,
        .sync = config->pmem,
    };
    size_t page_size;

    source.fd = open_file(config, &source.created, error);
    if (source.fd < 0) {
        return false;
    }
    page_size = vt_memory_page_size(source.fd);
    if (!check_pages(config, page_size, error) || !fit_size(config, source.fd, page_size, error)) {
        close(source.fd);
        vt_own_path_remove(source.created);
        return false;
    }
    return vt_memory_map(object, &source, error);
}

static void
unrealize(VtObject *object)
{
    const VtMemoryBackendFile *config = vt_object_config(object);
    const VtMemory *memory = vt_memory_get(object);

    if (config->discard_data && memory->shared && !memory->read_only) {
        vt_memory_discard(object);
    }
}

const VtOps vt_ops_memory_backend_file = {.validate = validate, .realize = realize, .unrealize = unrealize};
