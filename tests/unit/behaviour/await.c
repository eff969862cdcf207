/* SPDX-License-Identifier: MIT */
#include "vt-runtime/await.h"

#include <sys/resource.h>

#include "vt-runtime/error.h"
#include "vt-test.h"

static void
never(void *work)
{
    (void)work;
    g_assert_not_reached();
}

static void
set_freed(void *work)
{
    *(bool *)work = true;
}

static void
no_more(void *opaque)
{
    (void)opaque;
    g_assert_not_reached();
}

/* The stack of a thread does not fit the limit. */
VT_TEST(work_without_a_thread_fails, "/await/no-thread")
{
    static const VtWorkOps ops = {.run = never, .free = set_freed};
    g_autoptr(VtAwaits) awaits = vt_awaits_new(no_more, NULL);
    g_autoptr(GError) error = NULL;
    bool freed = false;

#ifdef __SANITIZE_ADDRESS__
    g_test_skip("a sanitizer needs more address space");
    return;
#endif
    if (!g_test_subprocess()) {
        g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
        g_test_trap_assert_passed();
        return;
    }
    g_assert_cmpint(setrlimit(RLIMIT_AS, &(struct rlimit){1 << 20, 1 << 20}), ==, 0);
    vt_awaits_enter(awaits);
    g_assert_false(vt_await("lookup of 'x'", &ops, &freed, &error));
    vt_awaits_enter(NULL);
    g_assert_error(error, VT_ERROR, VT_ERROR_GENERIC);
    g_assert_true(g_str_has_prefix(error->message, "lookup of 'x': "));
    g_assert_true(freed);
    g_assert_false(vt_awaits_pending(awaits));
}

/* ---- work of another process ----------------------------------------------------------------------------- */

static void
count(void *opaque)
{
    ++*(unsigned *)opaque;
}

VT_TEST(an_answer_lets_the_request_run_again, "/await/answer")
{
    static const VtWorkOps binding = {.free = set_freed, .binds = true}, other = {.free = set_freed};
    unsigned times = 0, passed = 0;
    g_autoptr(VtAwaits) awaits = vt_awaits_new(count, &times);
    g_autoptr(GError) error = NULL;
    bool freed = false, freed_too = false;
    VtAwaited *first, *second;

    vt_awaits_enter(awaits);
    g_assert_false(vt_await_answer("one", &binding, &freed, &first, &error));
    g_assert_cmpstr(error->message, ==, "one: still in progress");
    vt_await_answer("two", &other, &freed_too, &second, NULL);
    vt_awaits_enter(NULL);
    g_assert_true(vt_awaits_pending(awaits));
    g_assert_true(vt_awaits_binds(awaits));
    vt_await_answered(first);
    g_assert_false(vt_awaits_binds(awaits));
    g_assert_cmpuint(times, ==, 0);
    /* Another owner takes the request over. */
    vt_awaits_pass(awaits, count, &passed);
    vt_await_answered(second);
    g_assert_cmpuint(times, ==, 0);
    g_assert_cmpuint(passed, ==, 1);
    vt_awaits_enter(awaits);
    g_assert_true(vt_await_done("one") == &freed);
    vt_awaits_enter(NULL);
    vt_awaits_clear(awaits);
    g_assert_true(freed && freed_too);
}

VT_TEST(an_answer_may_come_after_the_request, "/await/late-answer")
{
    static const VtWorkOps ops = {.free = set_freed};
    g_autoptr(VtAwaits) awaits = vt_awaits_new(no_more, NULL);
    bool freed = false;
    VtAwaited *answer;

    vt_awaits_enter(awaits);
    vt_await_answer("one", &ops, &freed, &answer, NULL);
    vt_awaits_enter(NULL);
    vt_awaits_clear(awaits);
    g_assert_false(freed);
    vt_await_answered(answer);
    g_assert_true(freed);
}
