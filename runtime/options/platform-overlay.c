/* SPDX-License-Identifier: MIT */
/*
 * Platform overlays: files in which a vendor states how its platform version differs from one of QEMU.
 */
#include <string.h>

#include "options-private.h"
#include "vt-gen/runtime.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/text-input.h"
#include "vt-runtime/vendor-machine.h"

#define OVERLAY_MAX ((size_t)1 << 20)

bool
vt_platform_is_chosen(const char *name)
{
    return !name || strcmp(name, "host") == 0;
}

const char *
vt_option_overlay_path(const VtSchema *schema, const char *name)
{
    const char *known = name ? vt_schema_platform_file(schema, name) : NULL;

    return known || !name || !(strchr(name, '/') || g_str_has_suffix(name, ".json")) ? known : name;
}

typedef struct Overlay {
    const VtSchema *schema;
    uint16_t type;
    VtPlatformOverlay data;
} Overlay;

static void
overlay_clear(Overlay *overlay)
{
    vt_struct_clear(overlay->schema, overlay->type, &overlay->data);
}

/* On failure, @ret has nothing to clear. */
static bool
overlay_read(const VtSchema *schema, const char *path, Overlay *ret, uint16_t *ret_base, GError **error)
{
    const char *why;
    size_t len;
    g_autofree char *text = vt_file_read(path, OVERLAY_MAX, &len, &why);
    g_autoptr(VtInput) input = NULL;

    *ret = (Overlay){schema, vt_schema_find_type(schema, "PlatformOverlay"), {{0}}};
    if (!text) {
        return vt_error_set(error, "%s: cannot be read: %s", path, why);
    }
    input = vt_input_new_json_at(text, len, path, NULL, 1, 1);
    if (!vt_input_visit_type(input, schema, NULL, ret->type, &ret->data, error)) {
        return false;
    }
    *ret_base = vt_schema_version(schema, VT_AXIS_PLATFORM, ret->data.base);
    if (!*ret_base) {
        vt_error_set(error, "%s: base: unknown platform version '%s'", path, ret->data.base);
        overlay_clear(ret);
        return false;
    }
    return true;
}

static bool
find_base(const VtSchema *schema, const char *path, uint16_t *ret_version, GError **error)
{
    Overlay overlay;

    if (!overlay_read(schema, path, &overlay, ret_version, error)) {
        return false;
    }
    overlay_clear(&overlay);
    return true;
}

bool
vt_option_find_platform(const VtProgram *program, const VtSchema *schema, const char *name, uint16_t *ret_version,
                        GError **error)
{
    size_t n = vt_schema_n_versions(schema, VT_AXIS_PLATFORM);

    *ret_version = 0;
    if (vt_platform_is_chosen(name)) {
        return true;
    }
    if (vt_option_overlay_path(schema, name)) {
        return find_base(schema, vt_option_overlay_path(schema, name), ret_version, error);
    }
    *ret_version = strcmp(name, "newest") == 0 ? (uint16_t)n : vt_schema_version(schema, VT_AXIS_PLATFORM, name);
    if (!*ret_version) {
        return vt_error_set(
            error, "--%s: unknown platform version '%s'; expected %s to %s, newest, host, or an overlay (*.json)",
            vt_program_role(program, VT_ROLE_PLATFORM_VERSION)->name, name,
            vt_schema_version_name(schema, VT_AXIS_PLATFORM, 1), vt_schema_version_name(schema, VT_AXIS_PLATFORM, n));
    }
    return true;
}

static bool
add_overlay_defaults(const VtPlatformOverlay *data, const char *path, VtContext *ctx, GError **error)
{
    for (size_t i = 0; i < data->defaults.n; i++) {
        const VtOverlayDefault *one = &data->defaults.v[i];
        g_autofree char *where = g_strdup_printf("%s: defaults[%zu]", path, i);

        if (!vt_context_add_global(ctx, one->driver, one->property, one->value, where, true, error) ||
            !vt_context_set_overlaid(ctx, where, &(VtOverlaid){VT_AXIS_PLATFORM, data->platform, one->why}, error)) {
            return false;
        }
    }
    return true;
}

static bool
change_platform(const VtPlatformOverlay *data, const char *path, VtPlatform *platform, GError **error)
{
    vt_platform_set_name(platform, data->platform);
    if (!vt_platform_change(platform, (const char *const *)data->adds.v, data->adds.n, true, error)) {
        g_prefix_error(error, "%s: adds: ", path);
        return false;
    }
    if (!vt_platform_change(platform, (const char *const *)data->lacks.v, data->lacks.n, false, error)) {
        g_prefix_error(error, "%s: lacks: ", path);
        return false;
    }
    return true;
}

VtPlatform *
vt_platform_named(const VtProgram *program, const VtSchema *schema, const char *name, const char *probe_file,
                  GError **error)
{
    const char *path = vt_option_overlay_path(schema, name);
    g_autoptr(VtPlatform) platform = NULL;
    Overlay overlay;
    uint16_t version;
    bool ok;

    if (!vt_option_find_platform(program, schema, name, &version, error)) {
        return NULL;
    }
    platform = vt_platform_new(schema, version, probe_file, error);
    if (!platform || !path) {
        return g_steal_pointer(&platform);
    }
    if (!overlay_read(schema, path, &overlay, &version, error)) {
        return NULL;
    }
    ok = change_platform(&overlay.data, path, platform, error);
    overlay_clear(&overlay);
    return ok ? g_steal_pointer(&platform) : NULL;
}

bool
vt_option_apply_overlay(const VtCommandLine *line, VtContext *ctx, const char *name, uint16_t version, GError **error)
{
    const char *path = vt_option_overlay_path(line->schema, name);
    Overlay overlay;
    uint16_t base;
    bool ok;

    if (!path) {
        return true;
    }
    if (!overlay_read(line->schema, path, &overlay, &base, error)) {
        return false;
    }
    /* In search of an older version that works, the overlay does not apply. */
    ok = base != version || (change_platform(&overlay.data, path, vt_context_platform(ctx), error) &&
                             add_overlay_defaults(&overlay.data, path, ctx, error));
    overlay_clear(&overlay);
    return ok;
}
