/* SPDX-License-Identifier: MIT */
/*
 * Unit tests: VT_TEST(name, "/path") { ... } registers itself.  The object files are linked into the test program
 * directly, because a static library would omit them.
 *
 * VT_TEST_THREADS() is a test with several threads that share data.  It also runs under ThreadSanitizer, in a separate
 * program.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct VtTestCase {
    const char *path;
    void (*run)(void);
    bool threads;
    struct VtTestCase *next;
} VtTestCase;

void vt_test_register(VtTestCase *test);

/* Returns how often to repeat a test that must leave no memory or descriptor: @n times in the long form.  A third of
 * 10,000 still detects a leak of the smallest block.  A sanitizer detects every leak, and is slow.
 */
static inline int
vt_test_times(int n)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    int part = 15;
#else
    int part = 3;
#endif
    return g_getenv("VINTAGE_LONG") ? n : n / part;
}

#define VT_TEST_CASE(name, path, threads)                                                                              \
    static void name(void);                                                                                            \
    static VtTestCase name##_case = {path, name, threads, NULL};                                                       \
    __attribute__((constructor)) static void name##_register(void)                                                     \
    {                                                                                                                  \
        vt_test_register(&name##_case);                                                                                \
    }                                                                                                                  \
    static void name(void)

#define VT_TEST(name, path)         VT_TEST_CASE(name, path, false)
#define VT_TEST_THREADS(name, path) VT_TEST_CASE(name, path, true)
