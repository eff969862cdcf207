/* SPDX-License-Identifier: MIT */
/*
 * Image locks: open file description locks, all of them shared.  A conflict is found by asking the kernel whether
 * another process or node holds the opposite byte.
 */
#include <errno.h>
#include <fcntl.h>

#include "file.h"
#include "vt-runtime/error.h"

#define HELD_BASE     100
#define UNSHARED_BASE 200

static int
set_lock(int fd, int64_t byte, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    return fcntl(fd, F_OFD_SETLK, &lock) < 0 ? -errno : 0;
}

static bool
is_locked_by_others(int fd, int64_t byte)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static int
set_all(int fd, int64_t base, unsigned bits, short type)
{
    for (int i = 0; i < VT_FILE_N_LOCKS; i++) {
        int failure = bits & (1U << i) ? set_lock(fd, base + i, type) : 0;

        if (failure) {
            return failure;
        }
    }
    return 0;
}

/* Returns the other node of this process that holds @lock, or has @lock unshared. */
static const VtBlockFile *
find_other(const VtBlockFile *file, bool unshared, unsigned lock)
{
    for (const VtBlockFile *other = file->image->files; other; other = other->next_of_image) {
        if (other != file && (unshared ? other->unshared : other->held) & lock) {
            return other;
        }
    }
    return NULL;
}

static bool
check_others(const VtBlockFile *file, int64_t base, unsigned bits, const char *shared, GError **error)
{
    static const char *const names[VT_FILE_N_LOCKS] = {"consistent read", "write", "write unchanged", "resize"};

    for (int i = 0; i < VT_FILE_N_LOCKS; i++) {
        const VtBlockFile *other;

        if (!(bits & (1U << i)) || !is_locked_by_others(file->lock_fd, base + i)) {
            continue;
        }
        other = find_other(file, base == UNSHARED_BASE, 1U << i);
        if (other) {
            return vt_error_set(error,
                                "filename: '%s': failed to get %s\"%s\" lock: block-node '%s' of this process uses the "
                                "image",
                                file->config->filename, shared, names[i], vt_object_display(other->node->object));
        }
        return vt_error_set(error, "filename: '%s': failed to get %s\"%s\" lock: another process uses the image",
                            file->config->filename, shared, names[i]);
    }
    return true;
}

static void
drop(const VtBlockFile *file, unsigned held, unsigned unshared)
{
    set_all(file->lock_fd, HELD_BASE, held, F_UNLCK);
    set_all(file->lock_fd, UNSHARED_BASE, unshared, F_UNLCK);
}

bool
vt_block_file_lock(VtBlockFile *file, unsigned held, unsigned unshared, GError **error)
{
    unsigned new_held = held & ~file->held, new_unshared = unshared & ~file->unshared;
    int failure;

    if (file->lock_fd < 0) {
        return true;
    }
    failure = set_all(file->lock_fd, HELD_BASE, new_held, F_RDLCK);
    if (!failure) {
        failure = set_all(file->lock_fd, UNSHARED_BASE, new_unshared, F_RDLCK);
    }
    if (failure) {
        drop(file, new_held, new_unshared);
        return vt_error_set(error, "filename: '%s': cannot be locked: %s; set locking=off to open it without locks",
                            file->config->filename, g_strerror(-failure));
    }
    if (!check_others(file, UNSHARED_BASE, held, "", error) ||
        !check_others(file, HELD_BASE, unshared, "shared ", error)) {
        drop(file, new_held, new_unshared);
        return false;
    }
    drop(file, file->held & ~held, file->unshared & ~unshared);
    file->held = held;
    file->unshared = unshared;
    return true;
}
