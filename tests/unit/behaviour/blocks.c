/* SPDX-License-Identifier: MIT */
#include "blocks.h"

#include <string.h>
#include <unistd.h>

VtObject *
test_node(TestVm *vm, const char *name, const char *format, ...)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *texts = NULL;
    VtObject *node;
    va_list args;
    bool good;

    va_start(args, format);
    texts = g_strdup_vprintf(format, args);
    va_end(args);
    good = test_vm_start(vm, texts, &error);
    g_assert_no_error(error);
    g_assert_true(good);
    node = vt_vm_find(vm->vm, "block-node", name);
    g_assert_nonnull(node);
    return node;
}

void
test_node_fails(TestVm *vm, const char *message, const char *format, ...)
{
    g_autofree char *texts = NULL;
    va_list args;

    va_start(args, format);
    texts = g_strdup_vprintf(format, args);
    va_end(args);
    test_vm_fails(vm, texts, message);
}

void
test_node_delete(TestVm *vm, const char *name)
{
    g_autoptr(GError) error = NULL;
    bool good = vt_vm_delete(vm->vm, "block-node", name, &error);

    g_assert_no_error(error);
    g_assert_true(good);
}

VtBlock *
test_open(VtObject *node)
{
    static const VtBlockUser user = {.title = "the test"};
    g_autoptr(GError) error = NULL;
    VtBlock *block = vt_block_open(node, &user, &error);

    g_assert_no_error(error);
    g_assert_nonnull(block);
    return block;
}

char *
test_image(const char *name, int64_t size)
{
    char *path = test_file(name, "", 0);

    g_assert_cmpint(truncate(path, size), ==, 0);
    return path;
}

/* ---- synchronous requests ------------------------------------------------------------------------------- */

void
test_on_answer(void *opaque, int result)
{
    TestAnswer *answer = opaque;

    g_assert_false(answer->done);
    answer->result = result;
    answer->done = true;
}

int
test_await(TestAnswer *answer)
{
    /* Never called inside the call that submits. */
    g_assert_false(answer->done);
    while (!answer->done) {
        g_main_context_iteration(NULL, TRUE);
    }
    return answer->result;
}

int
test_read(VtBlock *block, int64_t offset, void *data, size_t size)
{
    TestAnswer answer = {false, 0};

    vt_block_read(block, offset, data, size, test_on_answer, &answer);
    return test_await(&answer);
}

int
test_write(VtBlock *block, int64_t offset, const void *data, size_t size, unsigned flags)
{
    TestAnswer answer = {false, 0};

    vt_block_write(block, offset, data, size, flags, test_on_answer, &answer);
    return test_await(&answer);
}

int
test_flush(VtBlock *block)
{
    TestAnswer answer = {false, 0};

    vt_block_flush(block, test_on_answer, &answer);
    return test_await(&answer);
}

int
test_discard(VtBlock *block, int64_t offset, int64_t size)
{
    TestAnswer answer = {false, 0};

    vt_block_discard(block, offset, size, test_on_answer, &answer);
    return test_await(&answer);
}

int
test_zeroes(VtBlock *block, int64_t offset, int64_t size, unsigned flags)
{
    TestAnswer answer = {false, 0};

    vt_block_write_zeroes(block, offset, size, flags, test_on_answer, &answer);
    return test_await(&answer);
}

int
test_status(VtBlock *block, int64_t offset, int64_t size, VtBlockStatus *ret)
{
    TestAnswer answer = {false, 0};

    vt_block_status(block, offset, size, ret, test_on_answer, &answer);
    return test_await(&answer);
}
