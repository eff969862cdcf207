/* SPDX-License-Identifier: MIT */
/*
 * Unit tests: VT_TEST(name, "/path") { … } registers itself.  The objects are linked straight into the test program:
 * a static library would drop them.
 */
#pragma once

#include <glib.h>

typedef struct VtTestCase {
    const char *path;
    void (*run)(void);
    struct VtTestCase *next;
} VtTestCase;

void vt_test_register(VtTestCase *test);

#define VT_TEST(name, path)                                                                                            \
    static void name(void);                                                                                            \
    static VtTestCase name##_case = {path, name, NULL};                                                                \
    __attribute__((constructor)) static void name##_register(void)                                                     \
    {                                                                                                                  \
        vt_test_register(&name##_case);                                                                                \
    }                                                                                                                  \
    static void name(void)
