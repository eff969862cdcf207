/* SPDX-License-Identifier: MIT */
/*
 * file: a regular file of the host. host_device: a block device of the host.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

static bool
fail(const VtBlockFile *file, GError **error)
{
    int failure = errno;

    if (failure == EINVAL && file->node->direct) {
        return vt_error_set(error, "filename: '%s': its file system does not support O_DIRECT; set cache.direct=off",
                            file->config->filename);
    }
    return vt_error_set(error, "filename: '%s': %s", file->config->filename, g_strerror(failure));
}

/* ---- access that the users need ------------------------------------------------------------------------- */

typedef struct Needs {
    bool write;
    unsigned held, unshared; /* bits VT_FILE_* */
} Needs;

/* A writable node without a user takes the locks of an exclusive writer, because its users are not known yet.  A node
 * with auto-read-only takes none of them: it reopens the file when a writer opens the node. */
static Needs
find_needs(const VtBlockFile *file)
{
    const VtBlockdev *config = &file->config->parent;
    VtClaim claim;
    bool claimed = vt_backend_claims(file->node->object, &claim);
    Needs needs = {.held = VT_FILE_READS};

    needs.write = !file->node->read_only && (claimed ? !claim.read_only : !config->auto_read_only);
    if (needs.write) {
        needs.held |= VT_FILE_WRITES;
    }
    if (!config->force_share && (claimed ? !claim.share : needs.write)) {
        needs.unshared |= VT_FILE_WRITES;
    }
    return needs;
}

static int
open_file(const VtBlockFile *file, bool write)
{
    int flags = (write ? O_RDWR : O_RDONLY) | (file->node->direct ? O_DIRECT : 0);

    return vt_file_open(file->config->filename, flags, file->is_device ? VT_FILE_BLOCK : VT_FILE_REGULAR, 0, NULL);
}

static bool
is_refusal(int failure)
{
    return failure == EACCES || failure == EROFS || failure == EPERM;
}

static bool
is_same(int a, int b)
{
    struct stat one, other;

    return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Reopens the file in another mode.  Requests in flight keep the old file description. */
static bool
reopen(VtBlockFile *file, bool write, GError **error)
{
    int fd = open_file(file, write);

    if (fd < 0) {
        return fail(file, error);
    }
    if (!is_same(fd, file->fd)) {
        close(fd);
        return vt_error_set(error, "filename: '%s': the path now refers to another file", file->config->filename);
    }
    dup3(fd, file->fd, O_CLOEXEC);
    close(fd);
    file->writable = write;
    return true;
}

/* Takes the locks before the file becomes writable, and releases them after it becomes read-only. */
static bool
adapt(VtBlockFile *file, GError **error)
{
    Needs needs = find_needs(file);
    unsigned held = file->held, unshared = file->unshared;

    if (!needs.write && file->writable && !reopen(file, false, error)) {
        return false;
    }
    if (!vt_block_file_lock(file, needs.held, needs.unshared, error)) {
        return false;
    }
    if (needs.write && !file->writable && !reopen(file, true, error)) {
        vt_block_file_lock(file, held, unshared, NULL);
        return false;
    }
    return true;
}

/* ---- opening ------------------------------------------------------------------------------------------- */

/* Checks the type before the file is opened, so that the error can name the right driver. */
static bool
check_kind(const VtBlockFile *file, GError **error)
{
    const char *name = file->config->filename;
    struct stat about;

    if (vt_file_stat(name, &about) < 0) {
        return fail(file, error);
    }
    if (S_ISDIR(about.st_mode)) {
        return vt_error_set(error, "filename: '%s': is a directory; expected a regular file or a block device", name);
    }
    if (file->is_device && !S_ISBLK(about.st_mode)) {
        return vt_error_set(error, "filename: '%s': is not a block device; driver 'file' opens regular files", name);
    }
    if (!file->is_device && !S_ISREG(about.st_mode)) {
        return vt_error_set(error, "filename: '%s': is not a regular file; driver 'host_device' opens block devices",
                            name);
    }
    return true;
}

static bool
open_first(VtBlockFile *file, GError **error)
{
    const VtBlockdev *config = &file->config->parent;
    bool write = find_needs(file).write;

    file->fd = open_file(file, write);
    if (file->fd < 0 && write && config->auto_read_only && is_refusal(errno)) {
        file->node->read_only = true;
        write = false;
        file->fd = open_file(file, false);
    }
    if (file->fd < 0) {
        return fail(file, error);
    }
    file->writable = write;
    /* The file was opened for reading only, so check for write permission here. */
    if (!write && config->auto_read_only && !vt_file_may_write(file->config->filename)) {
        file->node->read_only = true;
    }
    return true;
}

static bool
open_locks(VtBlockFile *file, GError **error)
{
    Needs needs = find_needs(file);

    if (file->config->locking == VT_ON_OFF_AUTO_OFF) {
        return true;
    }
    file->lock_fd =
        vt_file_open(file->config->filename, O_RDONLY, file->is_device ? VT_FILE_BLOCK : VT_FILE_REGULAR, 0, NULL);
    if (file->lock_fd < 0) {
        return fail(file, error);
    }
    if (!is_same(file->lock_fd, file->fd)) {
        return vt_error_set(error, "filename: '%s': the path now refers to another file", file->config->filename);
    }
    return vt_block_file_lock(file, needs.held, needs.unshared, error);
}

static bool
open_all(VtBlockFile *file, GError **error)
{
    if (!check_kind(file, error) || !open_first(file, error)) {
        return false;
    }
    return (vt_block_image_join(file) || fail(file, error)) && open_locks(file, error) &&
           vt_block_file_measure(file, error);
}

static int
answered(VtBlockNode *node, VtBlockRequest *request, int result)
{
    VtBlockFile *file = node->state;

    vt_block_ranges_unlock(file->image->ranges, request);
    /* After a failed flush the host has discarded the dirty pages, and a second flush would succeed wrongly. */
    if (request->op == VT_BLOCK_FLUSH && result < 0 && result != -ECANCELED && !node->direct) {
        file->flush_failure = result;
    }
    return result;
}

static const VtBlockDriver driver = {
    .submit = vt_block_file_submit,
    .answered = answered,
    .resize = vt_block_file_resize,
};

static VtBlockEngine
find_engine(const VtBlockFile *file)
{
    static const VtBlockEngine engines[] = {
        [VT_BLOCKDEV_AIO_OPTIONS_THREADS] = VT_BLOCK_ENGINE_THREADS,
        [VT_BLOCKDEV_AIO_OPTIONS_NATIVE] = VT_BLOCK_ENGINE_NATIVE,
        [VT_BLOCKDEV_AIO_OPTIONS_IO_URING] = VT_BLOCK_ENGINE_IO_URING,
    };

    return engines[file->config->aio];
}

static void
close_all(VtBlockFile *file)
{
    vt_block_image_leave(file);
    if (file->fd >= 0) {
        close(file->fd);
    }
    if (file->lock_fd >= 0) {
        close(file->lock_fd);
    }
    file->fd = file->lock_fd = -1;
}

/* ---- file ---------------------------------------------------------------------------------------------- */

const VtOps vt_ops_blockdev_file;

static VtBlockFile *
file_of(VtObject *object)
{
    return vt_object_state(object, &vt_ops_blockdev_file);
}

static bool
validate(VtObject *object, GError **error)
{
    const VtBlockdevFile *config = vt_object_config(object);

    if (!*config->filename) {
        return vt_error_set(error, "filename: expected a path, got ''");
    }
    if (config->aio == VT_BLOCKDEV_AIO_OPTIONS_NATIVE && !config->parent.cache.direct) {
        return vt_error_set(error, "aio: 'native' requires cache.direct=on");
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    VtBlockFile *file = file_of(object);
    VtBlockNode *node = vt_block_node(object);

    *file = (VtBlockFile){.config = vt_object_config(object), .node = node, .fd = -1, .lock_fd = -1};
    file->is_device = vt_object_is_a(object, "blockdev-host-device");
    if (!open_all(file, error)) {
        close_all(file);
        return false;
    }
    node->driver = &driver;
    node->state = file;
    node->engine = find_engine(file);
    node->max_batch = file->config->aio_max_batch;
    node->filename = g_strdup(file->config->filename);
    return true;
}

static void
unrealize(VtObject *object)
{
    close_all(file_of(object));
}

static bool
claim(VtObject *object, const VtClaim *claim, GError **error)
{
    (void)claim;
    return !vt_block_node(object)->driver || adapt(file_of(object), error);
}

static void
released(VtObject *object)
{
    g_autoptr(GError) error = NULL;

    /* The needs only shrink, except when the last user leaves.  Then the node takes all locks again; if that fails, it
     * keeps those it has. */
    if (vt_block_node(object)->driver) {
        adapt(file_of(object), &error);
    }
}

const VtOps vt_ops_blockdev_file = {
    .state_size = sizeof(VtBlockFile),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
    .claim = claim,
    .released = released,
    .serve = &vt_block_serve,
};
