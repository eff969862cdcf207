/* SPDX-License-Identifier: MIT */
/* Which users may share a node, within this process and with others. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "blocks.h"

/* The locked bytes as another process sees them. */
static unsigned
locks(const char *path, int64_t base)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    unsigned bits = 0;

    g_assert_cmpint(fd, >=, 0);
    for (int i = 0; i < 8; i++) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = base + i, .l_len = 1};

        g_assert_cmpint(fcntl(fd, F_OFD_GETLK, &lock), ==, 0);
        bits |= lock.l_type == F_UNLCK ? 0 : 1U << i;
    }
    close(fd);
    return bits;
}

/* Bit masks of the bytes from 100 and from 200 on: reads 1, writes 2. */
static void
assert_locks(const char *path, unsigned held, unsigned unshared)
{
    g_assert_cmpuint(locks(path, 100), ==, held);
    g_assert_cmpuint(locks(path, 200), ==, unshared);
}

static VtBlock *
open_as(VtObject *node, const char *title, bool read_only, bool share, GError **error)
{
    const VtBlockUser user = {.title = title, .read_only = read_only, .share = share};

    return vt_block_open(node, &user, error);
}

static void
refused(VtObject *node, const char *title, bool read_only, bool share, const char *message)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(open_as(node, title, read_only, share, &error));
    g_assert_cmpstr(error->message, ==, message);
}

VT_TEST(a_writer_bears_no_other, "/block/users")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", 1 << 20);
    g_autoptr(GError) error = NULL;
    VtObject *file = test_node(vm, "f", "blockdev file,node-name=f,filename=%s,aio=threads", path);
    VtObject *raw = test_node(vm, "r", "blockdev raw,node-name=r,file=f");
    VtBlock *one = open_as(raw, "export 'one'", false, false, &error), *two;

    g_assert_nonnull(one);
    refused(raw, "export 'two'", false, false, "block-node 'r' is already in use by export 'one'");
    refused(raw, "export 'two'", false, true, "block-node 'r' is already in use by export 'one'");
    refused(raw, "export 'two'", true, false, "block-node 'r' is already in use by export 'one'");
    refused(file, "export 'two'", false, false, "block-node 'f' is already in use by raw 'r'");
    two = open_as(raw, "export 'two'", true, true, &error);
    g_assert_nonnull(two);
    vt_block_close(one);
    one = open_as(raw, "export 'one'", false, true, &error);
    g_assert_nonnull(one);
    vt_block_close(two);
    vt_block_close(one);
    one = open_as(file, "export 'one'", false, false, &error);
    g_assert_nonnull(one);
    vt_block_close(one);
    g_unlink(path);
}

VT_TEST(a_node_in_use_is_not_deleted, "/block/delete")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    VtObject *node = test_node(vm, "n", "blockdev null-co,node-name=n\nblockdev raw,node-name=r,file=n");
    VtBlock *block;

    g_assert_false(vt_vm_delete(vm->vm, "block-node", "n", &error));
    g_assert_cmpstr(error->message, ==, "block-node 'n' is in use by block-node 'r'");
    g_clear_error(&error);
    test_node_delete(vm, "r");
    block = open_as(node, "export 'e'", false, false, &error);
    g_assert_false(vt_vm_delete(vm->vm, "block-node", "n", &error));
    g_assert_cmpstr(error->message, ==, "block-node 'n' is in use by export 'e'");
    vt_block_close(block);
    test_node_delete(vm, "n");
}

VT_TEST(locks_tell_other_processes, "/block/locks")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", 1 << 20);
    g_autoptr(GError) error = NULL;
    VtObject *node = test_node(vm, "f", "blockdev file,node-name=f,filename=%s,aio=threads", path);
    VtBlock *one, *two;

    /* A node without a user has the locks of a writer. */
    assert_locks(path, 3, 2);
    test_node_fails(vm, "failed to get \"write\" lock: block-node 'f' of this process uses the image",
                    "blockdev file,node-name=x,filename=%s", path);
    test_node(vm, "x", "blockdev file,node-name=x,filename=%s,read-only=on", path);
    assert_locks(path, 3, 2);
    test_node_delete(vm, "x");
    test_node(vm, "x", "blockdev file,node-name=x,filename=%s,locking=off", path);
    test_node_delete(vm, "x");
    one = open_as(node, "one", false, true, &error);
    assert_locks(path, 3, 0);
    two = open_as(node, "two", true, true, &error);
    assert_locks(path, 3, 0);
    vt_block_close(one);
    assert_locks(path, 1, 0);
    /* Another node may write now, so a writer is refused until that node is deleted. */
    test_node(vm, "x", "blockdev file,node-name=x,filename=%s", path);
    g_assert_null(open_as(node, "one", false, true, &error));
    g_assert_true(g_str_has_suffix(error->message,
                                   "failed to get \"write\" lock: block-node 'x' of this process uses the image"));
    vt_block_close(two);
    test_node_delete(vm, "x");
    test_node_delete(vm, "f");
    assert_locks(path, 0, 0);
    g_unlink(path);
}

/* Two nodes of one process conflict like those of two processes. */
VT_TEST(nodes_of_one_image_share_what_they_may, "/block/locks-of-nodes")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", 1 << 20);
    g_autoptr(GError) error = NULL;
    VtObject *a, *b;
    VtBlock *one, *two;

    test_node(vm, "a", "blockdev file,node-name=a,filename=%s,read-only=on", path);
    test_node(vm, "b", "blockdev file,node-name=b,filename=%s,read-only=on", path);
    assert_locks(path, 1, 0);
    test_node_delete(vm, "a");
    assert_locks(path, 1, 0);
    test_node_delete(vm, "b");
    assert_locks(path, 0, 0);
    a = test_node(vm, "a", "blockdev file,node-name=a,filename=%s,auto-read-only=on,aio=threads", path);
    b = test_node(vm, "b", "blockdev file,node-name=b,filename=%s,auto-read-only=on,aio=threads", path);
    one = open_as(a, "one", false, true, &error);
    two = open_as(b, "two", false, true, &error);
    g_assert_no_error(error);
    assert_locks(path, 3, 0);
    vt_block_close(one);
    test_node_delete(vm, "a");
    assert_locks(path, 3, 0);
    vt_block_close(two);
    assert_locks(path, 1, 0);
    a = test_node(vm, "a", "blockdev file,node-name=a,filename=%s,auto-read-only=on,aio=threads", path);
    two = open_as(b, "two", false, false, &error);
    assert_locks(path, 3, 2);
    g_assert_null(open_as(a, "one", false, true, &error));
    g_assert_true(g_str_has_suffix(error->message,
                                   ": failed to get \"write\" lock: block-node 'b' of this process uses the image"));
    g_clear_error(&error);
    vt_block_close(two);
    two = open_as(b, "two", false, true, &error);
    g_assert_null(open_as(a, "one", true, false, &error));
    g_assert_true(g_str_has_suffix(
        error->message, ": failed to get shared \"write\" lock: block-node 'b' of this process uses the image"));
    g_clear_error(&error);
    assert_locks(path, 3, 0);
    test_node_delete(vm, "a");
    assert_locks(path, 3, 0);
    vt_block_close(two);
    g_unlink(path);
}

static unsigned
access_mode(const char *path)
{
    g_autoptr(GDir) fds = g_dir_open("/proc/self/fd", 0, NULL);
    unsigned modes = 0;

    for (const char *name; (name = g_dir_read_name(fds));) {
        g_autofree char *link = g_build_filename("/proc/self/fd", name, NULL);
        g_autofree char *target = g_file_read_link(link, NULL);

        if (g_strcmp0(target, path) == 0) {
            modes |= 1U << (fcntl(atoi(name), F_GETFL) & O_ACCMODE);
        }
    }
    return modes;
}

VT_TEST(a_file_is_opened_for_writing_when_a_writer_comes, "/block/auto-read-only")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", 1 << 20);
    g_autoptr(GError) error = NULL;
    VtObject *node = test_node(vm, "f", "blockdev file,node-name=f,filename=%s,auto-read-only=on,aio=threads", path);
    char data[512];
    VtBlock *one, *two;

    assert_locks(path, 1, 0);
    g_assert_cmpuint(access_mode(path), ==, 1U << O_RDONLY);
    two = open_as(node, "two", true, true, &error);
    one = open_as(node, "one", false, true, &error);
    g_assert_no_error(error);
    assert_locks(path, 3, 0);
    g_assert_true(access_mode(path) & 1U << O_RDWR);
    memset(data, 1, 512);
    g_assert_cmpint(test_write(one, 0, data, 512, VT_BLOCK_FUA), ==, 0);
    vt_block_close(one);
    assert_locks(path, 1, 0);
    g_assert_cmpuint(access_mode(path), ==, 1U << O_RDONLY);
    g_assert_cmpint(test_read(two, 0, data, 512), ==, 0);
    g_assert_cmpint(data[511], ==, 1);
    vt_block_close(two);
    test_node_delete(vm, "f");
    g_unlink(path);
}

VT_TEST(what_cannot_be_written_falls_back, "/block/auto-read-only-fallback")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", 4096);

    if (geteuid() == 0) {
        g_test_skip("nothing is forbidden to root");
        g_unlink(path);
        return;
    }
    g_assert_cmpint(chmod(path, 0400), ==, 0);
    test_node_fails(vm, "Permission denied", "blockdev file,node-name=f,filename=%s", path);
    refused(test_node(vm, "f", "blockdev file,node-name=f,filename=%s,auto-read-only=on", path), "one", false, false,
            "block-node 'f' is read-only");
    g_unlink(path);
}

/* Shared on the command line: both devices have claimed before the image is locked. */
VT_TEST(devices_claim_their_drives, "/block/devices")
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = test_image("disk", 1 << 20);
    g_autoptr(TestVm) vm = test_vm_new("pc-q35-9.1", &error);
    g_autoptr(TestVm) other = test_vm_new("pc-q35-9.1", &error);
    g_autofree char *drive = g_strdup_printf("blockdev file,node-name=d,filename=%s,aio=threads", path);
    g_autofree char *shared = g_strdup_printf("%s\ndevice virtio-blk-pci,id=v,drive=d,share-rw=on", drive);
    g_autofree char *alone = g_strdup_printf("%s\ndevice virtio-blk-pci,id=v,drive=d", drive);

    g_assert_true(test_vm_start(vm, shared, &error));
    assert_locks(path, 3, 0);
    test_vm_fails(other, alone, "failed to get shared \"write\" lock");
    g_assert_true(test_vm_start(other, shared, &error));
    g_unlink(path);
}
