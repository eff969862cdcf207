/* SPDX-License-Identifier: MIT */
/*
 * Block nodes in tests: opened, with synchronous requests.
 */
#pragma once

#include "vt-backends/block.h"

#include "backends.h"

/* Plans and realizes the nodes of @format, which must succeed; returns the node called @name. */
VtObject *test_node(TestVm *vm, const char *name, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The same, which must fail with a message of one line that contains @message. */
void test_node_fails(TestVm *vm, const char *message, const char *format, ...) G_GNUC_PRINTF(3, 4);
void test_node_delete(TestVm *vm, const char *name);
/* An exclusive writer in the main thread. */
VtBlock *test_open(VtObject *node);

/* Each submits a request, and iterates the main loop until it completes; returns the result. */
int test_read(VtBlock *block, int64_t offset, void *data, size_t size);
int test_write(VtBlock *block, int64_t offset, const void *data, size_t size, unsigned flags);
int test_flush(VtBlock *block);
int test_discard(VtBlock *block, int64_t offset, int64_t size);
int test_status(VtBlock *block, int64_t offset, int64_t size, VtBlockStatus *ret);
int test_zeroes(VtBlock *block, int64_t offset, int64_t size, unsigned flags);

/* A VtBlockFunc that stores the result. */
typedef struct TestAnswer {
    bool done;
    int result;
} TestAnswer;
void test_on_answer(void *opaque, int result);
int test_await(TestAnswer *answer);

/* Creates an image file; the caller frees the path and removes the file. */
char *test_image(const char *name, int64_t size);
