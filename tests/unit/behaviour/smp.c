/* SPDX-License-Identifier: MIT */
/* The expected values are what QEMU 7.2 answers on pc-q35-6.1 (sockets first) and pc-q35-7.2. */
#include <string.h>

#include "../../../machine/smp.h"

#include "vt-test.h"

enum { CPUS, MAX_CPUS, SOCKETS, DIES, CORES, THREADS, N_NUMBERS };

static VtSmp
smp_of(const unsigned numbers[N_NUMBERS])
{
    VtSmp smp = {.cpus = numbers[CPUS], .max_cpus = numbers[MAX_CPUS]};

    smp.levels[VT_SMP_SOCKETS] = numbers[SOCKETS];
    smp.levels[VT_SMP_DIES] = numbers[DIES];
    smp.levels[VT_SMP_CORES] = numbers[CORES];
    smp.levels[VT_SMP_THREADS] = numbers[THREADS];
    return smp;
}

typedef struct Case {
    unsigned said[N_NUMBERS];
    unsigned cores_first[N_NUMBERS]; /* all 0: refused */
    unsigned sockets_first[N_NUMBERS];
} Case;

static const Case cases[] = {
    {{0}, {1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}},
    {{8}, {8, 8, 1, 1, 8, 1}, {8, 8, 8, 1, 1, 1}},
    {{5}, {5, 5, 1, 1, 5, 1}, {5, 5, 5, 1, 1, 1}},
    {{0, 8}, {8, 8, 1, 1, 8, 1}, {8, 8, 8, 1, 1, 1}},
    {{2, 8}, {2, 8, 1, 1, 8, 1}, {2, 8, 8, 1, 1, 1}},
    {{8, 0, 2}, {8, 8, 2, 1, 4, 1}, {8, 8, 2, 1, 4, 1}},
    {{8, 0, 0, 0, 4}, {8, 8, 2, 1, 4, 1}, {8, 8, 2, 1, 4, 1}},
    {{8, 0, 0, 0, 0, 2}, {8, 8, 1, 1, 4, 2}, {8, 8, 4, 1, 1, 2}},
    {{8, 0, 2, 0, 2}, {8, 8, 2, 1, 2, 2}, {8, 8, 2, 1, 2, 2}},
    {{8, 0, 2, 0, 0, 2}, {8, 8, 2, 1, 2, 2}, {8, 8, 2, 1, 2, 2}},
    {{8, 0, 0, 0, 2, 2}, {8, 8, 2, 1, 2, 2}, {8, 8, 2, 1, 2, 2}},
    {{8, 0, 2, 0, 2, 2}, {8, 8, 2, 1, 2, 2}, {8, 8, 2, 1, 2, 2}},
    {{0, 0, 2}, {2, 2, 2, 1, 1, 1}, {2, 2, 2, 1, 1, 1}},
    {{0, 0, 0, 0, 3}, {3, 3, 1, 1, 3, 1}, {3, 3, 1, 1, 3, 1}},
    {{0, 0, 2, 2}, {4, 4, 2, 2, 1, 1}, {4, 4, 2, 2, 1, 1}},
    {{8, 0, 0, 2}, {8, 8, 1, 2, 4, 1}, {8, 8, 4, 2, 1, 1}},
    {{16, 0, 2, 2}, {16, 16, 2, 2, 4, 1}, {16, 16, 2, 2, 4, 1}},
    {{8, 0, 0, 2, 2}, {8, 8, 2, 2, 2, 1}, {8, 8, 2, 2, 2, 1}},
    {{0, 16, 0, 2, 0, 2}, {16, 16, 1, 2, 4, 2}, {16, 16, 4, 2, 1, 2}},
    {{4, 12, 3}, {4, 12, 3, 1, 4, 1}, {4, 12, 3, 1, 4, 1}},
    {{6, 0, 0, 0, 4}, {0}, {0}},
    {{4, 0, 3}, {0}, {0}},
    {{4, 3}, {0}, {0}},
    {{9, 0, 2, 0, 2, 2}, {0}, {0}},
    {{2, 0, 2, 0, 3, 2}, {0}, {0}},
    {{4, 0, 2, 0, 3}, {0}, {0}},
    {{7, 0, 0, 0, 0, 2}, {0}, {0}},
    {{300}, {0}, {0}},
};

static void
check(const unsigned *said, const unsigned *expected, bool prefer_sockets)
{
    VtSmp smp = smp_of(said);
    VtSmp want = smp_of(expected);
    g_autoptr(GError) error = NULL;
    bool good;

    vt_smp_complete(&smp, prefer_sockets);
    good = vt_smp_check(&smp, "board", 288, &error);
    if (!expected[CPUS]) {
        g_assert_false(good);
        g_assert_nonnull(error);
        return;
    }
    g_assert_no_error(error);
    g_assert_true(good);
    g_assert_cmpuint(smp.cpus, ==, want.cpus);
    g_assert_cmpuint(smp.max_cpus, ==, want.max_cpus);
    for (int level = 0; level < VT_SMP_N_LEVELS; level++) {
        g_assert_cmpuint(smp.levels[level], ==, want.levels[level] ? want.levels[level] : 1);
    }
}

VT_TEST(cores_come_before_sockets, "/smp/cores-first")
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        check(cases[i].said, cases[i].cores_first, false);
    }
}

VT_TEST(sockets_came_before_cores, "/smp/sockets-first")
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        check(cases[i].said, cases[i].sockets_first, true);
    }
}

VT_TEST(a_product_beyond_64_bits_is_refused, "/smp/overflow")
{
    VtSmp smp = {.cpus = 4, .levels = {1, 1, G_MAXUINT32, G_MAXUINT32, G_MAXUINT32}};
    g_autoptr(GError) error = NULL;

    vt_smp_complete(&smp, false);
    g_assert_false(vt_smp_check(&smp, "board", 288, &error));
    g_assert_nonnull(strstr(error->message, "product of the hierarchy must match maxcpus"));
}
