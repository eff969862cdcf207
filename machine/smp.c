/* SPDX-License-Identifier: MIT */
/*
 * CPU topology.
 */
#include "smp.h"

#include "vt-runtime/error.h"

static const char *const level_names[VT_SMP_N_LEVELS] = {
    "drawers", "books", "sockets", "dies", "clusters", "modules", "cores", "threads",
};

/* The product of all levels that are set; saturates. */
static uint64_t
product(const VtSmp *smp)
{
    uint64_t total = 1;

    for (int level = 0; level < VT_SMP_N_LEVELS; level++) {
        if (smp->levels[level] && !g_uint64_checked_mul(&total, total, smp->levels[level])) {
            return G_MAXUINT64;
        }
    }
    return total;
}

static void
say(uint64_t *value, uint64_t otherwise)
{
    if (!*value) {
        *value = otherwise;
    }
}

void
vt_smp_complete(VtSmp *smp, bool prefer_sockets)
{
    static const uint8_t sockets_first[] = {VT_SMP_SOCKETS, VT_SMP_CORES, VT_SMP_THREADS};
    static const uint8_t cores_first[] = {VT_SMP_CORES, VT_SMP_SOCKETS, VT_SMP_THREADS};
    const uint8_t *order = prefer_sockets ? sockets_first : cores_first;

    for (int level = 0; level < VT_SMP_N_LEVELS; level++) {
        if (level != VT_SMP_SOCKETS && level != VT_SMP_CORES && level != VT_SMP_THREADS) {
            say(&smp->levels[level], 1);
        }
    }
    if (!smp->cpus && !smp->max_cpus) {
        for (int at = 0; at < 3; at++) {
            say(&smp->levels[order[at]], 1);
        }
    } else {
        say(&smp->max_cpus, smp->cpus);
        /* The first missing level gets the quotient; further missing levels are 1. */
        for (int at = 0; at < 3; at++) {
            if (!smp->levels[order[at]]) {
                for (int rest = at + 1; rest < 3; rest++) {
                    say(&smp->levels[order[rest]], 1);
                }
                smp->levels[order[at]] = smp->max_cpus / product(smp);
                break;
            }
        }
    }
    say(&smp->max_cpus, product(smp));
    say(&smp->cpus, smp->max_cpus);
}

/* Returns "sockets (2) * dies (1) * cores (3) * threads (1)".  Other levels are listed only if they are in use. */
static char *
describe(const VtSmp *smp)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (int level = 0; level < VT_SMP_N_LEVELS; level++) {
        if (smp->levels[level] != 1 || level == VT_SMP_SOCKETS || level == VT_SMP_CORES || level == VT_SMP_THREADS) {
            g_string_append_printf(text, "%s%s (%" G_GUINT64_FORMAT ")", text->len ? " * " : "", level_names[level],
                                   smp->levels[level]);
        }
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

bool
vt_smp_check(const VtSmp *smp, const char *machine, uint64_t limit, GError **error)
{
    bool complete = true;

    for (int level = 0; level < VT_SMP_N_LEVELS; level++) {
        complete = complete && smp->levels[level];
    }
    if (!complete || product(smp) != smp->max_cpus) {
        g_autofree char *levels = describe(smp);

        return vt_error_set(
            error,
            "smp: invalid CPU topology: product of the hierarchy must match maxcpus: %s != maxcpus (%" G_GUINT64_FORMAT
            ")",
            levels, smp->max_cpus);
    }
    if (smp->max_cpus < smp->cpus) {
        g_autofree char *levels = describe(smp);

        return vt_error_set(
            error,
            "smp: invalid CPU topology: maxcpus must be at least cpus: %s == maxcpus (%" G_GUINT64_FORMAT
            ") < cpus (%" G_GUINT64_FORMAT ")",
            levels, smp->max_cpus, smp->cpus);
    }
    if (smp->max_cpus > limit) {
        return vt_error_set(error,
                            "smp: %" G_GUINT64_FORMAT " CPUs exceed the maximum %" G_GUINT64_FORMAT " of machine '%s'",
                            smp->max_cpus, limit, machine);
    }
    return true;
}
