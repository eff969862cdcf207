/* SPDX-License-Identifier: MIT */
/*
 * Lengths and block sizes of the host's files and block devices.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/fs.h>

#include "file.h"
#include "vt-runtime/error.h"

static void
measure_alignment(VtBlockFile *file)
{
    struct statx about = {0};
    int logical;

    file->node->alignment = file->memory_alignment = 1;
    if (!file->node->direct) {
        return;
    }
    file->node->alignment = file->memory_alignment = 4096;
    if (ioctl(file->fd, BLKSSZGET, &logical) == 0) {
        file->node->alignment = (size_t)logical;
        file->memory_alignment = (size_t)logical;
    }
#ifdef STATX_DIOALIGN
    if (statx(file->fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &about) == 0 && (about.stx_mask & STATX_DIOALIGN) &&
        about.stx_dio_offset_align) {
        file->node->alignment = about.stx_dio_offset_align;
        file->memory_alignment = about.stx_dio_mem_align;
    }
#else
    (void)about;
#endif
}

bool
vt_block_file_measure(VtBlockFile *file, GError **error)
{
    uint64_t size;
    struct stat about;

    if (fstat(file->fd, &about) < 0) {
        return vt_error_set(error, "filename: '%s': %s", file->config->filename, g_strerror(errno));
    }
    size = (uint64_t)about.st_size;
    if (S_ISBLK(about.st_mode) && ioctl(file->fd, BLKGETSIZE64, &size) < 0) {
        return vt_error_set(error, "filename: '%s': %s", file->config->filename, g_strerror(errno));
    }
    file->node->length = (int64_t)((size + VT_BLOCK_SECTOR - 1) / VT_BLOCK_SECTOR * VT_BLOCK_SECTOR);
    measure_alignment(file);
    return true;
}

bool
vt_block_file_resize(VtBlockNode *node, int64_t length, GError **error)
{
    VtBlockFile *file = node->state;
    int failure;

    if (file->is_device) {
        return vt_error_set(error, "filename: '%s': a block device cannot be resized", file->config->filename);
    }
    if (!file->writable) {
        return vt_error_set(error, "block-node '%s' is open read-only", vt_object_display(node->object));
    }
    pthread_mutex_lock(&file->image->end);
    failure = ftruncate(file->fd, length) < 0 ? errno : 0;
    if (!failure) {
        atomic_store(&node->length, length);
    }
    pthread_mutex_unlock(&file->image->end);
    return !failure || vt_error_set(error, "filename: '%s': %s", file->config->filename, g_strerror(failure));
}

int
vt_block_file_cut(VtBlockFile *file, int fd, int64_t end)
{
    struct stat about;
    int failure = 0;
    int64_t length;

    if (end <= atomic_load(&file->node->length)) {
        return 0;
    }
    pthread_mutex_lock(&file->image->end);
    /* Do not truncate if another node has extended the image meanwhile. */
    length = atomic_load(&file->node->length);
    if (end > length && (fstat(fd, &about) < 0 || (about.st_size == end && ftruncate(fd, length) < 0))) {
        failure = -errno;
    }
    pthread_mutex_unlock(&file->image->end);
    return failure;
}
