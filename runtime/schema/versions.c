/* SPDX-License-Identifier: MIT */
/*
 * Versions of the machine and platform axes, and targets.
 */
#include <string.h>

#include "schema/schema-private.h"
#include "vt-runtime/error.h"

const VtLayer *
vt_schema_axis_layer(const VtSchema *schema, VtAxis axis)
{
    for (size_t i = 0; i < schema->n_layers; i++) {
        if (schema->layers[i]->n_versions[axis]) {
            return schema->layers[i];
        }
    }
    /* The program has no such axis; the lowest layer has no versions of it. */
    return vt_schema_lowest(schema);
}

size_t
vt_schema_n_versions(const VtSchema *schema, VtAxis axis)
{
    uint32_t n = vt_schema_axis_layer(schema, axis)->n_versions[axis];

    return n ? n - 1 : 0;
}

uint16_t
vt_schema_version(const VtSchema *schema, VtAxis axis, const char *name)
{
    const VtLayer *layer = vt_schema_axis_layer(schema, axis);

    for (uint32_t i = 1; i < layer->n_versions[axis]; i++) {
        if (strcmp(vt_str(layer, layer->versions[axis][i].name), name) == 0) {
            return (uint16_t)i;
        }
    }
    return 0;
}

const char *
vt_schema_version_name(const VtSchema *schema, VtAxis axis, uint16_t version)
{
    const VtLayer *layer = vt_schema_axis_layer(schema, axis);

    g_assert(version > 0 && version < layer->n_versions[axis]);
    return vt_str(layer, layer->versions[axis][version].name);
}

uint16_t
vt_schema_open_version(const VtSchema *schema, VtAxis axis)
{
    const VtLayer *layer = vt_schema_axis_layer(schema, axis);

    for (uint32_t i = layer->n_versions[axis]; i-- > 1;) {
        if (layer->versions[axis][i].flags & 1) {
            return (uint16_t)i;
        }
    }
    return (uint16_t)vt_schema_n_versions(schema, axis);
}

const char *
vt_axis_name(VtAxis axis)
{
    static const char *const names[VT_N_AXES] = {
        [VT_AXIS_MACHINE] = "machine", [VT_AXIS_PLATFORM] = "platform", [VT_AXIS_RELEASE] = "release"};

    return names[axis];
}

uint16_t
vt_schema_version_in_release(const VtSchema *schema, VtAxis axis, uint16_t release)
{
    uint16_t version = 0;

    for (; release > 0 && !version; release--) {
        version = vt_schema_version(schema, axis, vt_schema_version_name(schema, VT_AXIS_RELEASE, release));
    }
    return version;
}

uint16_t
vt_schema_newest_closed(const VtSchema *schema, VtAxis axis)
{
    const VtLayer *layer = vt_schema_axis_layer(schema, axis);

    for (uint32_t i = layer->n_versions[axis]; i-- > 1;) {
        if (!(layer->versions[axis][i].flags & 1)) {
            return (uint16_t)i;
        }
    }
    return 0;
}

/* ---- targets ---------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint16_t target;
    bool big_endian;
} targets[] = {
    {"x86_64", VT_TARGET_X86_64, false},   {"i386", VT_TARGET_I386, false},
    {"aarch64", VT_TARGET_AARCH64, false}, {"arm", VT_TARGET_ARM, false},
    {"s390x", VT_TARGET_S390X, true},      {"ppc64", VT_TARGET_PPC64, true},
    {"ppc", VT_TARGET_PPC, true},          {"m68k", VT_TARGET_M68K, true},
    {"riscv64", VT_TARGET_RISCV64, false}, {"riscv32", VT_TARGET_RISCV32, false},
    {"mips", VT_TARGET_MIPS, true},        {"mipsel", VT_TARGET_MIPSEL, false},
    {"mips64", VT_TARGET_MIPS64, true},    {"mips64el", VT_TARGET_MIPS64EL, false},
};

uint16_t
vt_target_from_name(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        if (strcmp(targets[i].name, name) == 0) {
            return targets[i].target;
        }
    }
    return 0;
}

const char *
vt_target_name(uint16_t target)
{
    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        if (targets[i].target == target) {
            return targets[i].name;
        }
    }
    return NULL;
}

bool
vt_target_is_big_endian(uint16_t target)
{
    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        if (targets[i].target == target) {
            return targets[i].big_endian;
        }
    }
    return false;
}

bool
vt_target_fail_unknown(const char *name, GError **error)
{
    const char *names[G_N_ELEMENTS(targets) + 1] = {NULL}, *nearest;
    g_autoptr(GString) known = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        names[i] = targets[i].name;
        g_string_append_printf(known, "%s%s", i ? ", " : "", targets[i].name);
    }
    nearest = vt_nearest(name, names);
    if (nearest) {
        return vt_error_set(error, "unknown target '%s'; did you mean '%s'?", name, nearest);
    }
    return vt_error_set(error, "unknown target '%s'; expected one of %s", name, known->str);
}
