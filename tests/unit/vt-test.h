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

/* Returns how often to repeat a test that must leave no memory or descriptor: @n times, or a tenth under a sanitizer.
 */
static inline int
vt_test_times(int n)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return g_getenv("VINTAGE_LONG") ? n : n / 10;
#else
    return n;
#endif
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
