/* SPDX-License-Identifier: MIT */
#include "vt-test.h"

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
    for (VtTestCase *test = tests; test; test = test->next) {
        g_test_add_func(test->path, test->run);
    }
    return g_test_run();
}
