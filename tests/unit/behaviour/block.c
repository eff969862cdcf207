/* SPDX-License-Identifier: MIT */
/* Block nodes: reads return what was written, with each I/O engine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "blocks.h"

extern const VtProbe vt_probe_io_uring;

#define SIZE  (4 << 20)
#define TIMES 400
#define PARTS 4

static void
fill(GRand *random, void *data, size_t size)
{
    unsigned char *bytes = data;

    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)g_rand_int(random);
    }
}

typedef struct World {
    VtBlock *block;
    char *model; /* expected content of the node */
    GRand *random;
    size_t unit;
} World;

static size_t
any(World *world, size_t below)
{
    return (size_t)g_rand_int_range(world->random, 0, (gint32)(below / world->unit)) * world->unit;
}

static void
write_parts(World *world, size_t at, size_t size, unsigned flags)
{
    struct iovec iov[PARTS];
    TestAnswer answer = {false, 0};
    size_t part = size / PARTS / world->unit * world->unit;

    fill(world->random, world->model + at, size);
    for (size_t i = 0; i < PARTS; i++) {
        iov[i].iov_base = world->model + at + i * part;
        iov[i].iov_len = i < PARTS - 1 ? part : size - i * part;
    }
    vt_block_writev(world->block, (int64_t)at, iov, PARTS, flags, test_on_answer, &answer);
    g_assert_cmpint(test_await(&answer), ==, 0);
}

static void
compare(World *world, size_t at, size_t size)
{
    g_autofree char *data = g_malloc(size);

    g_assert_cmpint(test_read(world->block, (int64_t)at, data, size), ==, 0);
    g_assert_cmpmem(data, size, world->model + at, size);
}

static void
do_something(World *world)
{
    size_t at = any(world, SIZE), size = any(world, 300000) + world->unit;

    size = MIN(size, SIZE - at);
    switch (g_rand_int_range(world->random, 0, 6)) {
    case 0:
        write_parts(world, at, size, VT_BLOCK_FUA);
        break;
    case 1:
        write_parts(world, at, size, 0);
        break;
    case 2:
        fill(world->random, world->model + at, size);
        g_assert_cmpint(test_write(world->block, (int64_t)at, world->model + at, size, 0), ==, 0);
        break;
    case 3:
        memset(world->model + at, 0, size);
        g_assert_cmpint(test_zeroes(world->block, (int64_t)at, (int64_t)size, size % 3 ? 0 : VT_BLOCK_MAY_UNMAP), ==,
                        0);
        break;
    case 4:
        g_assert_cmpint(test_flush(world->block), ==, 0);
        break;
    default:
        compare(world, at, size);
    }
}

static void
exercise(const char *options, size_t unit)
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", SIZE);
    VtObject *node = test_node(vm, "d", "blockdev file,node-name=d,filename=%s,%s", path, options);
    World world = {.block = test_open(node), .random = g_rand_new_with_seed(7), .unit = unit};

    g_assert_cmpint(posix_memalign((void **)&world.model, 4096, SIZE), ==, 0);
    memset(world.model, 0, SIZE);
    g_assert_cmpint(vt_block_length(world.block), ==, SIZE);
    for (int i = 0; i < TIMES; i++) {
        do_something(&world);
    }
    compare(&world, 0, SIZE);
    vt_block_close(world.block);
    g_rand_free(world.random);
    free(world.model);
    g_unlink(path);
}

VT_TEST(threads_keep_what_is_written, "/block/threads")
{
    exercise("aio=threads", 1);
}

VT_TEST(threads_go_past_the_page_cache, "/block/threads-direct")
{
    exercise("aio=threads,cache.direct=on", 4096);
    exercise("aio=threads,cache.direct=on,discard=unmap,detect-zeroes=unmap", 512);
}

VT_TEST(any_piece_goes_past_the_page_cache, "/block/threads-direct-misaligned")
{
    exercise("aio=threads,cache.direct=on", 1);
}

VT_TEST(linux_aio_keeps_what_is_written, "/block/native")
{
    exercise("aio=native,cache.direct=on", 4096);
    exercise("aio=native,cache.direct=on,aio-max-batch=2", 100);
}

VT_TEST(io_uring_keeps_what_is_written, "/block/io_uring")
{
    g_autofree char *detail = NULL;

    if (vt_probe_io_uring.ask(&detail) != VT_ANSWER_YES) {
        g_test_skip(detail);
        return;
    }
    exercise("aio=io_uring", 1);
    exercise("aio=io_uring,cache.direct=on", 512);
    exercise("aio=io_uring,cache.no-flush=on,detect-zeroes=on,aio-max-batch=1", 512);
}

/* ---- limits -------------------------------------------------------------------------------------------- */

VT_TEST(what_a_node_does_not_have_is_an_error, "/block/bounds")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", 10000); /* 19.5 sectors, which count as 20 */
    VtBlock *block = test_open(test_node(vm, "d", "blockdev file,node-name=d,filename=%s,aio=threads", path));
    char data[1024], zeroes[1024] = {0};

    g_assert_cmpint(vt_block_length(block), ==, 10240);
    memset(data, 1, sizeof(data));
    g_assert_cmpint(test_read(block, 10240 - 1024, data, 1024), ==, 0);
    g_assert_cmpmem(data, 1024, zeroes, 1024);
    g_assert_cmpint(test_read(block, 10240 - 1023, data, 1024), ==, -EIO);
    g_assert_cmpint(test_read(block, -1, data, 1), ==, -EIO);
    g_assert_cmpint(test_read(block, INT64_MAX, data, 1), ==, -EIO);
    g_assert_cmpint(test_write(block, 10240, data, 1, 0), ==, -EIO);
    g_assert_cmpint(test_write(block, 0, data, SIZE_MAX, 0), ==, -EIO);
    g_assert_cmpint(test_zeroes(block, 0, 10241, 0), ==, -EIO);
    g_assert_cmpint(test_discard(block, 512, INT64_MAX), ==, -EIO);
    g_assert_cmpint(test_discard(block, 512, -5), ==, -EIO);
    g_assert_cmpint(test_read(block, 10240, data, 0), ==, 0);
    g_assert_cmpint(test_flush(block), ==, 0);
    vt_block_close(block);
    g_unlink(path);
}

VT_TEST(what_is_read_only_is_not_written, "/block/read-only")
{
    static const VtBlockUser reader = {.title = "the reader", .read_only = true};
    static const VtBlockUser writer = {.title = "the writer"};
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", 1 << 20);
    g_autoptr(GError) error = NULL;
    VtObject *node = test_node(vm, "d", "blockdev file,node-name=d,filename=%s,aio=threads,read-only=on", path);
    VtBlock *block;
    char data[512];

    g_assert_null(vt_block_open(node, &writer, &error));
    g_assert_cmpstr(error->message, ==, "block-node 'd' is read-only");
    g_clear_error(&error);
    block = vt_block_open(node, &reader, &error);
    g_assert_no_error(error);
    g_assert_true(vt_block_read_only(block));
    g_assert_cmpint(test_read(block, 0, data, 512), ==, 0);
    g_assert_cmpint(test_write(block, 0, data, 512, 0), ==, -EPERM);
    g_assert_cmpint(test_zeroes(block, 0, 512, 0), ==, -EPERM);
    g_assert_cmpint(test_flush(block), ==, 0);
    vt_block_close(block);
    g_unlink(path);
}

static int64_t
space_of(const char *path)
{
    struct stat about;

    g_assert_cmpint(stat(path, &about), ==, 0);
    return about.st_blocks * 512;
}

VT_TEST(space_is_given_back_where_that_is_wanted, "/block/discard")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", SIZE);
    g_autofree char *data = g_malloc(SIZE);
    static const char *const ways[] = {"", ",discard=unmap", ",detect-zeroes=on", ",discard=unmap,detect-zeroes=unmap"};

    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        VtObject *node = test_node(vm, "d", "blockdev file,node-name=d,filename=%s,aio=threads%s", path, ways[i]);
        VtBlock *block = test_open(node);
        bool unmaps = strstr(ways[i], "discard") != NULL;

        memset(data, 1, SIZE);
        g_assert_cmpint(test_write(block, 0, data, SIZE, VT_BLOCK_FUA), ==, 0);
        g_assert_cmpint(test_discard(block, 1 << 20, 1 << 20), ==, 0);
        g_assert_cmpint(space_of(path) < SIZE, ==, unmaps);
        memset(data, 0, SIZE);
        g_assert_cmpint(test_write(block, 2 << 20, data, 1 << 20, VT_BLOCK_FUA), ==, 0);
        g_assert_cmpint(space_of(path) < 3 << 20, ==, i == 3);
        g_assert_cmpint(test_zeroes(block, 3 << 20, 1 << 20, VT_BLOCK_MAY_UNMAP), ==, 0);
        g_assert_cmpint(test_read(block, 2 << 20, data, 2 << 20), ==, 0);
        g_assert_true(data[0] == 0 && memcmp(data, data + 1, (2 << 20) - 1) == 0);
        vt_block_close(block);
        test_node_delete(vm, "d");
    }
    g_unlink(path);
}

static void
expect_run(VtBlock *block, int64_t offset, int64_t size, int64_t run, bool data)
{
    VtBlockStatus status;

    g_assert_cmpint(test_status(block, offset, size, &status), ==, 0);
    g_assert_cmpint(status.size, ==, run);
    g_assert_cmpint(status.data, ==, data);
    g_assert_cmpint(status.zero, ==, !data);
    g_assert_cmpint(status.depth, ==, 1);
}

VT_TEST(runs_of_data_and_of_zeroes_are_reported, "/block/status")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", (3 << 20) + 10); /* counts as one sector more */
    VtObject *node = test_node(vm, "w",
                               "object throttle-group,id=g,limits.iops-total=1\n"
                               "blockdev file,node-name=d,filename=%s,aio=threads\n"
                               "blockdev throttle,node-name=t,throttle-group=g,file=d\n"
                               "blockdev raw,node-name=w,file=t,offset=512",
                               path);
    VtBlock *block = test_open(node);
    char *data = g_malloc(1 << 20);
    VtBlockStatus status;

    memset(data, 1, 1 << 20);
    g_assert_cmpint(test_write(block, (1 << 20) - 512, data, 1 << 20, VT_BLOCK_FUA), ==, 0);
    g_free(data);
    expect_run(block, 0, 3 << 20, (1 << 20) - 512, false);
    expect_run(block, 512, 512, 512, false);
    expect_run(block, (1 << 20) - 512, 2 << 20, 1 << 20, true);
    expect_run(block, 1 << 20, 4096, 4096, true);
    expect_run(block, (2 << 20) - 512, (1 << 20) + 512, (1 << 20) + 512, false);
    g_assert_cmpint(test_status(block, 3 << 20, 0, &status), ==, 0);
    g_assert_cmpint(status.size, ==, 0);
    g_assert_cmpint(test_status(block, 0, (3 << 20) + 1, &status), ==, -EIO);
    vt_block_close(block);
    g_unlink(path);
}

VT_TEST(a_node_without_data_reports_what_is_known, "/block/status-null")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    VtBlock *zero = test_open(test_node(vm, "z", "blockdev null-co,node-name=z,size=1048576,read-zeroes=on"));
    VtBlock *other = test_open(test_node(vm, "o", "blockdev null-co,node-name=o,size=1048576"));

    expect_run(zero, 4096, 8192, 8192, false);
    expect_run(other, 4096, 8192, 8192, true);
    vt_block_close(zero);
    vt_block_close(other);
}

/* ---- other drivers ------------------------------------------------------------------------------------- */

VT_TEST(a_window_shows_what_is_behind_it, "/block/raw")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", 1 << 20);
    VtObject *whole = test_node(vm, "d", "blockdev file,node-name=d,filename=%s,aio=threads", path);
    VtObject *window = test_node(vm, "w", "blockdev raw,node-name=w,file=d,offset=4096,size=8192");
    VtObject *rest = test_node(vm, "r", "blockdev raw,node-name=r,file=w,offset=512");
    VtBlock *block = test_open(rest);
    g_autoptr(GError) error = NULL;
    char data[512], seen[512];

    g_assert_cmpint(vt_block_length(block), ==, 8192 - 512);
    memset(data, 5, sizeof(data));
    g_assert_cmpint(test_write(block, 1024, data, 512, 0), ==, 0);
    g_assert_cmpint(test_write(block, 8192 - 512, data, 512, 0), ==, -EIO);
    vt_block_close(block);
    block = test_open(whole);
    g_assert_cmpint(test_read(block, 4096 + 512 + 1024, seen, 512), ==, 0);
    g_assert_cmpmem(data, 512, seen, 512);
    vt_block_close(block);
    g_assert_false(vt_block_resize(window, 4096, &error));
    g_assert_cmpstr(error->message, ==, "block-node 'w' has a fixed length");
    test_node_fails(vm, "size: 1048576 from offset 512 on exceeds the length of the child node, 1048576",
                    "blockdev raw,node-name=x,file=d,offset=512,size=1048576");
    test_node_fails(vm, "offset: 1049088 exceeds the length of the child node",
                    "blockdev raw,node-name=x,file=d,offset=1049088");
    g_unlink(path);
}

VT_TEST(nothing_takes_its_time, "/block/null-co")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    VtObject *node = test_node(vm, "n", "blockdev null-co,node-name=n,size=1048576,latency-ns=20000000,read-zeroes=on");
    VtBlock *block = test_open(node);
    gint64 start = g_get_monotonic_time();
    TestAnswer answers[10] = {{false, 0}};
    char data[16] = "something";

    g_assert_cmpint(vt_block_length(block), ==, 1 << 20);
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        vt_block_read(block, 0, data, sizeof(data), test_on_answer, &answers[i]);
    }
    vt_block_drain(block);
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_assert_true(answers[i].done && !answers[i].result);
    }
    g_assert_cmpint(g_get_monotonic_time() - start, >=, 20000);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 2000000);
    g_assert_cmpint(data[0], ==, 0);
    vt_block_close(block);
}

VT_TEST(a_file_takes_another_length, "/block/resize")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", 1 << 20);
    g_autoptr(GError) error = NULL;
    VtObject *node;
    VtBlock *block;
    char data[512] = {1};

    test_node(vm, "d", "blockdev file,node-name=d,filename=%s,aio=threads", path);
    node = test_node(vm, "r", "blockdev raw,node-name=r,file=d,offset=512");
    block = test_open(node);
    g_assert_cmpint(test_write(block, 1 << 20, data, 512, 0), ==, -EIO);
    g_assert_true(vt_block_resize(node, 2 << 20, &error));
    g_assert_cmpint(vt_block_length(block), ==, 2 << 20);
    g_assert_cmpint(test_write(block, 1 << 20, data, 512, 0), ==, 0);
    g_assert_true(vt_block_resize(node, 512, &error));
    g_assert_cmpint(test_read(block, 512, data, 512), ==, -EIO);
    g_assert_false(vt_block_resize(node, 1000, &error));
    g_assert_cmpstr(error->message, ==, "size: '1000' is not a length; expected a multiple of 512 bytes");
    vt_block_close(block);
    g_unlink(path);
}

VT_TEST(what_cannot_be_opened_is_said_in_one_line, "/block/wrong")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", 4096);

    test_node_fails(vm, "filename: '/nowhere': No such file", "blockdev file,node-name=d,filename=/nowhere");
    test_node_fails(vm, "filename: '/': is a directory; expected a regular file or a block device",
                    "blockdev file,node-name=d,filename=/");
    test_node_fails(vm, "filename: '/dev/null': is not a regular file; driver 'host_device'",
                    "blockdev file,node-name=d,filename=/dev/null");
    test_node_fails(vm, "is not a block device; driver 'file' opens regular files",
                    "blockdev host_device,node-name=d,filename=%s", path);
    test_node_fails(vm, "detect-zeroes: 'unmap' requires discard=unmap",
                    "blockdev file,node-name=d,filename=%s,detect-zeroes=unmap", path);
    test_node_fails(vm, "force-share: requires read-only=on", "blockdev file,node-name=d,filename=%s,force-share=on",
                    path);
    test_node_fails(vm, "pr-manager: no object 'p'", "blockdev file,node-name=d,filename=%s,pr-manager=p", path);
    test_node_fails(
        vm, "expected a stack of at most 8 nodes",
        "blockdev null-co,node-name=a\nblockdev raw,node-name=b,file=a\nblockdev raw,node-name=c,file=b\n"
        "blockdev raw,node-name=d,file=c\nblockdev raw,node-name=e,file=d\nblockdev raw,node-name=f,file=e\n"
        "blockdev raw,node-name=g,file=f\nblockdev raw,node-name=h,file=g\nblockdev raw,node-name=i,file=h");
    g_unlink(path);
}

VT_TEST(nodes_come_and_go, "/block/churn")
{
    g_autofree char *path = test_image("disk", 1 << 20);
    g_autofree char *text = g_strdup_printf("blockdev raw,node-name=n,file.driver=file,file.filename=%s", path);

    test_vm_churn(text, "n");
    test_vm_churn("object throttle-group,id=g,limits.iops-total=10", "g");
    g_unlink(path);
}

/* One request: the loop and its engine are created and freed. */
static void
use(VtObject *node)
{
    VtBlock *block = test_open(node);
    char data[512] = {1};

    g_assert_cmpint(test_write(block, 512, data, sizeof(data), 0), ==, 0);
    vt_block_close(block);
}

VT_TEST(nodes_are_used_and_go, "/block/churn-used")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", 1 << 20);
    g_autofree char *threads = g_strdup_printf("blockdev throttle,node-name=n,throttle-group=g,file.driver=file,"
                                               "file.filename=%s,file.aio=threads",
                                               path);
    g_autofree char *rings = g_strdup_printf("blockdev file,node-name=n,filename=%s,aio=io_uring", path);
    g_autofree char *detail = NULL;

    test_vm_object(vm, "object throttle-group,id=g,limits.iops-total=1000000", "g");
    test_vm_churn_used(vm, threads, "n", use);
    if (vt_probe_io_uring.ask(&detail) == VT_ANSWER_YES) {
        test_vm_churn_used(vm, rings, "n", use);
    }
    g_unlink(path);
}
