/* SPDX-License-Identifier: MIT */
#include "vt-test.h"

#ifdef __SANITIZE_THREAD__
#define THREADS_ONLY true
#else
#define THREADS_ONLY false
#endif

static VtTestCase *tests;

void
vt_test_register(VtTestCase *test)
{
    test->next = tests;
    tests = test;
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    /* Create the main loop before other threads need it, as the programs do. */
    g_main_context_default();
    for (VtTestCase *test = tests; test; test = test->next) {
        if (test->threads || !THREADS_ONLY) {
            g_test_add_func(test->path, test->run);
        }
    }
    return g_test_run();
}
