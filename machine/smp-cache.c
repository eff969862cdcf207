/* SPDX-License-Identifier: MIT */
#include "smp-cache.h"

#include "vt-runtime/error.h"

static const char *
cache_name(VtObject *machine, VtCacheLevelAndType cache)
{
    return vt_enum_name(vt_object_class(machine)->schema, "CacheLevelAndType", cache);
}

static bool
is_supported(const VtMachineConfig *config, VtCacheLevelAndType cache)
{
    for (size_t i = 0; i < config->smp_cache_supported.n; i++) {
        if (config->smp_cache_supported.v[i] == cache) {
            return true;
        }
    }
    return false;
}

/* Both have a level of their own, and @near, which is nearer to the CPU, is shared by more CPUs. */
static bool
is_above(const VtCpuTopologyLevel *levels, VtCacheLevelAndType near, VtCacheLevelAndType far)
{
    return levels[near] != VT_CPU_TOPOLOGY_LEVEL_DEFAULT && levels[far] != VT_CPU_TOPOLOGY_LEVEL_DEFAULT &&
           levels[near] > levels[far];
}

bool
vt_smp_cache_check(VtObject *machine, const char *name, GError **error)
{
    const VtMachineConfig *config = vt_object_config(machine);
    VtCpuTopologyLevel levels[VT_CACHE_LEVEL_AND_TYPE__MAX];
    bool seen[VT_CACHE_LEVEL_AND_TYPE__MAX] = {false};

    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        levels[i] = VT_CPU_TOPOLOGY_LEVEL_DEFAULT;
    }
    for (size_t i = 0; i < config->smp_cache.n; i++) {
        const VtSmpCacheProperties *one = &config->smp_cache.v[i];

        if (!is_supported(config, one->cache)) {
            return vt_error_set(error, "smp-cache: cache: '%s' is not supported by machine '%s'",
                                cache_name(machine, one->cache), name);
        }
        if (seen[one->cache]) {
            return vt_error_set(error, "smp-cache: cache: '%s' is there twice; expected each cache once",
                                cache_name(machine, one->cache));
        }
        seen[one->cache] = true;
        levels[one->cache] = one->topology;
    }
    for (VtCacheLevelAndType far = VT_CACHE_LEVEL_AND_TYPE_L2; far <= VT_CACHE_LEVEL_AND_TYPE_L3; far++) {
        for (VtCacheLevelAndType near = VT_CACHE_LEVEL_AND_TYPE_L1D; near < far; near++) {
            if (is_above(levels, near, far)) {
                return vt_error_set(error,
                                    "smp-cache: topology: '%s' is above '%s'; expected the same level or a lower one",
                                    cache_name(machine, near), cache_name(machine, far));
            }
        }
    }
    return true;
}
