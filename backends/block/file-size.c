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
#include "vt-runtime/await.h"
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
    /* A resize in progress sets the length when it is done. */
    if (!file->image->resizing) {
        atomic_store(&file->image->length, (int64_t)((size + VT_BLOCK_SECTOR - 1) / VT_BLOCK_SECTOR * VT_BLOCK_SECTOR));
    }
    file->node->image_length = &file->image->length;
    measure_alignment(file);
    return true;
}

/* ---- another length ------------------------------------------------------------------------------------- */

/* A change of the length takes as long as the file system needs to free blocks, or as its server to answer. */
typedef struct Resize {
    VtBlockImage *image;
    int fd;
    int64_t length;
    int failure;
} Resize;

static void
resize_run(void *opaque)
{
    Resize *resize = opaque;

    pthread_mutex_lock(&resize->image->end);
    resize->failure = ftruncate(resize->fd, resize->length) < 0 ? errno : 0;
    if (!resize->failure) {
        atomic_store(&resize->image->length, resize->length);
    }
    pthread_mutex_unlock(&resize->image->end);
}

static void
resize_free(void *opaque)
{
    Resize *resize = opaque;

    vt_block_image_resized(resize->image);
    close(resize->fd);
    g_free(resize);
}

/* Returns NULL with errno. */
static Resize *
resize_new(const VtBlockFile *file, int64_t length)
{
    /* The node may be deleted meanwhile. */
    int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    Resize *resize;

    if (fd < 0) {
        return NULL;
    }
    resize = g_new(Resize, 1);
    *resize = (Resize){.image = file->image, .fd = fd, .length = length};
    file->image->resizing = true;
    return resize;
}

static bool
fail_resize(const VtBlockFile *file, int failure, GError **error)
{
    return vt_error_set(error, "filename: '%s': %s", file->config->filename, g_strerror(failure));
}

bool
vt_block_file_resize(VtBlockNode *node, int64_t length, GError **error)
{
    static const VtWorkOps ops = {.run = resize_run, .free = resize_free};
    const VtBlockFile *file = node->state;
    g_autofree char *key =
        g_strdup_printf("resize of '%s' to %" G_GINT64_FORMAT " bytes", vt_object_display(node->object), length);
    Resize *resize = vt_await_is_possible() ? vt_await_done(key) : NULL;
    int failure;

    if (resize) {
        return !resize->failure || fail_resize(file, resize->failure, error);
    }
    if (file->is_device) {
        return vt_error_set(error, "filename: '%s': a block device cannot be resized", file->config->filename);
    }
    if (!file->writable) {
        return vt_error_set(error, "block-node '%s' is open read-only", vt_object_display(node->object));
    }
    if (file->image->resizing) {
        return vt_error_set(error, "filename: '%s': another resize is in progress", file->config->filename);
    }
    resize = resize_new(file, length);
    if (!resize) {
        return fail_resize(file, errno, error);
    }
    if (vt_await_is_possible()) {
        return vt_await(key, &ops, resize, error);
    }
    resize_run(resize);
    failure = resize->failure;
    resize_free(resize);
    return !failure || fail_resize(file, failure, error);
}

int
vt_block_file_cut(VtBlockFile *file, int fd, int64_t end)
{
    VtBlockImage *image = file->image;
    struct stat about;
    int failure = 0;
    int64_t length;

    if (end <= atomic_load(&image->length)) {
        return 0;
    }
    pthread_mutex_lock(&image->end);
    /* Do not truncate if another node has extended the image meanwhile. */
    length = atomic_load(&image->length);
    if (end > length && (fstat(fd, &about) < 0 || (about.st_size == end && ftruncate(fd, length) < 0))) {
        failure = -errno;
    }
    pthread_mutex_unlock(&image->end);
    return failure;
}
