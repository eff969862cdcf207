/* SPDX-License-Identifier: MIT */
/*
 * The images that this process has open.
 */
#include "image.h"

#include <sys/stat.h>

#include "file.h"
#include "vt-runtime/main-thread.h"

static VtBlockImage *images; /* main thread only */

static VtBlockImage *
find_or_make(const struct stat *about)
{
    bool is_device = S_ISBLK(about->st_mode);
    VtBlockImage *image;

    for (image = images; image; image = image->next) {
        if (image->is_device == is_device && image->device == (is_device ? about->st_rdev : about->st_dev) &&
            image->inode == (is_device ? 0 : about->st_ino)) {
            return image;
        }
    }
    image = g_new0(VtBlockImage, 1);
    image->is_device = is_device;
    image->device = is_device ? about->st_rdev : about->st_dev;
    image->inode = is_device ? 0 : about->st_ino;
    image->ranges = vt_block_ranges_new();
    pthread_mutex_init(&image->end, NULL);
    image->next = images;
    images = image;
    return image;
}

bool
vt_block_image_join(VtBlockFile *file)
{
    struct stat about;

    vt_assert_main();
    if (fstat(file->fd, &about) < 0) {
        return false;
    }
    file->image = find_or_make(&about);
    file->next_of_image = file->image->files;
    file->image->files = file;
    return true;
}

static void
free_unused(VtBlockImage *image)
{
    VtBlockImage **place = &images;

    if (image->files || image->resizing) {
        return;
    }
    while (*place != image) {
        place = &(*place)->next;
    }
    *place = image->next;
    vt_block_ranges_free(image->ranges);
    pthread_mutex_destroy(&image->end);
    g_free(image);
}

void
vt_block_image_resized(VtBlockImage *image)
{
    vt_assert_main();
    image->resizing = false;
    free_unused(image);
}

void
vt_block_image_leave(VtBlockFile *file)
{
    VtBlockImage *image = file->image;
    VtBlockFile **own;

    vt_assert_main();
    if (!image) {
        return;
    }
    for (own = &image->files; *own != file; own = &(*own)->next_of_image) {
    }
    *own = file->next_of_image;
    file->image = NULL;
    free_unused(image);
}
