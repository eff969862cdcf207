/* SPDX-License-Identifier: MIT */
/*
 * Contexts: the versions by which defaults are resolved, and the class images that result.
 *
 * No context is global; a program can have several. A VtPlatform has all that backends need to resolve defaults. A
 * VtContext adds the machine, the target and the accelerator. Main thread only.
 */
#pragma once

#include "vt-runtime/config.h"
#include "vt-runtime/role.h"

typedef struct VtPlatform VtPlatform;
typedef struct VtContext VtContext;

/* ---- platform ---------------------------------------------------------------------------------------- */

typedef enum VtAnswer { VT_ANSWER_NO, VT_ANSWER_YES, VT_ANSWER_UNKNOWN, VT_ANSWER_NOT_APPLICABLE } VtAnswer;

/* A probe of a platform feature. @ask queries the host without changing it. *@ret_detail (owned by the caller) says
 * what the probe found; it starts as NULL and may stay so. */
struct VtProbe {
    VtAnswer (*ask)(char **ret_detail);
};

/*
 * Creates a platform. @version: index on the platform axis; 0: the open version. @probe_file (may be NULL): a host file
 * (vt-runtime/host-info.h). It replaces all answers of the host; a feature that it omits is "unknown". Borrows @schema.
 * Returns NULL and sets @error if the file is invalid.
 */
VtPlatform *vt_platform_new(const VtSchema *schema, uint16_t version, const char *probe_file, GError **error);
void vt_platform_free(VtPlatform *platform);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtPlatform, vt_platform_free)
uint16_t vt_platform_version(const VtPlatform *platform);
/* Whether a default may need the feature: it is of the version or an older one, or an overlay adds it. */
bool vt_platform_includes(const VtPlatform *platform, uint16_t feature);
/* The name of the version, or of the overlay.  Borrowed. */
const char *vt_platform_name(const VtPlatform *platform);
/* Makes the platform that of an overlay.  @names: features that it has (@included) or lacks, beside those of its
 * version.  Fails if a name is unknown, or changes nothing. */
void vt_platform_set_name(VtPlatform *platform, const char *name);
bool vt_platform_change(VtPlatform *platform, const char *const *names, size_t n, bool included, GError **error);
/* The first call runs the probe; later calls return its answer. *@ret_detail (optional) is what the probe found,
 * borrowed from @platform; NULL: nothing. */
VtAnswer vt_platform_ask(VtPlatform *platform, uint16_t feature, const char **ret_detail);
const char *vt_answer_name(VtAnswer answer);
/* Describes the platform versions, from oldest to newest, as the type PlatformVersionInfo: the features that each adds,
 * and the defaults that change with it or need one of these features.  The caller owns the list. */
struct json_object *vt_platform_versions(const VtSchema *schema);
const VtSchema *vt_platform_schema(const VtPlatform *platform);
/* Answers "unknown" to everything, without a probe. */
void vt_platform_forget_host(VtPlatform *platform);

/* ---- context ----------------------------------------------------------------------------------------- */

/* Creates a context and takes ownership of @platform. @machine (copied): NULL for a program without machines. @accel
 * (copied): may be NULL. @target: one VT_TARGET_*. Borrows @schema. */
VtContext *vt_context_new(const VtSchema *schema, VtPlatform *platform, const VtMachineName *machine, uint16_t target,
                          const char *accel);
void vt_context_free(VtContext *ctx);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtContext, vt_context_free)
/* Sets the program whose options errors name.  @program is borrowed. */
void vt_context_set_program(VtContext *ctx, const VtProgram *program);
/* The name of the program's option with the role @role ; NULL: it has none.  Borrowed. */
const char *vt_context_option(const VtContext *ctx, VtRole role);
/* Makes objects that block migration an error.  Requires a program with an option of the role VT_ROLE_MIGRATABLE. */
void vt_context_set_migratable(VtContext *ctx);
bool vt_context_migratable(const VtContext *ctx);
/* Sets the release of QEMU whose defaults apply, an index on the release axis. A new context has the newest release.
 * Requires a context without images. */
void vt_context_set_release(VtContext *ctx, uint16_t release);
uint16_t vt_context_release(const VtContext *ctx);
const VtSchema *vt_context_schema(const VtContext *ctx);
VtPlatform *vt_context_platform(const VtContext *ctx);
const VtMachineName *vt_context_machine(const VtContext *ctx); /* NULL: no machine */
uint16_t vt_context_target(const VtContext *ctx);
const char *vt_context_accel(const VtContext *ctx); /* tag of the accelerator; NULL: none */
/* Returns whether the target and the machine of @ctx support the class. */
bool vt_class_exists(const VtClassInfo *info, const VtContext *ctx);

/* A default of an overlay.  Its texts are as old as the schema. */
typedef struct VtOverlaid {
    VtAxis axis;       /* the overlay is of a machine or of a platform */
    const char *since; /* its name */
    const char *why;
} VtOverlaid;

/* The last -global of @ctx is a default of an overlay, at @where. Copies the texts of @overlaid. Fails if an overlay of
 * its axis may not set it: a platform overlay sets defaults on the platform axis, a machine overlay those that only
 * guests see. */
bool vt_context_set_overlaid(VtContext *ctx, const char *where, const VtOverlaid *overlaid, GError **error);
/* The overlay's default of @prop of @info, which an image has as VT_SET_BY_OVERLAY.  Borrowed. */
const VtOverlaid *vt_context_overlaid(const VtContext *ctx, const VtClassInfo *info, const VtProp *prop);

/* ---- timelines --------------------------------------------------------------------------------------- */

/* Returns whether @condition, of an entry in @layer, holds for the object that @opaque identifies. */
typedef bool (*VtConditionFunc)(const VtCondition *condition, const VtLayer *layer, const void *opaque);
/*
 * Returns the entry of @timeline that applies in @ctx, or NULL if there is no default. Borrowed from the tables. @layer
 * is the layer of @timeline. Skips an entry if the platform version lacks a feature that the entry needs. An entry with
 * a condition needs its features only if @holds returns true. A NULL @holds returns false for all. A NULL @ctx gives
 * base defaults of the newest release only. O(log n).
 */
const VtEntry *vt_timeline_resolve(const VtContext *ctx, const VtLayer *layer, const VtTimeline *timeline,
                                   VtConditionFunc holds, const void *opaque);

/* Returns the entry of @timeline in force at @version of its axis, in the scope that decides in @ctx, whatever the
 * version and the platform features of @ctx; NULL: none is. */
const VtEntry *vt_timeline_at(const VtContext *ctx, const VtLayer *layer, const VtTimeline *timeline, uint16_t version);

/* Returns the axis by which @entry, of @timeline, applies, and the name of its first version or release; NULL: it
 * applies from the beginning. */
VtAxis vt_entry_axis(const VtTimeline *timeline, const VtEntry *entry);
const char *vt_entry_since(const VtSchema *schema, const VtTimeline *timeline, const VtEntry *entry);

/* Returns the value of @entry, of the default of @prop, in the form of the command line; NULL if it is absent. The
 * caller frees it. */
char *vt_entry_text(const VtContext *ctx, const VtProp *prop, const VtEntry *entry);

/*
 * Compat props: the defaults in which a machine differs from @base, which is the newest version and not in the scope of
 * any default. A default that a class and all concrete classes below it share is one row of that class, which may be
 * abstract. Excludes machines, but a machine property that decides the default of a backend is a row of the backend.
 * @base is borrowed. Query the versions of a family from newest to oldest: equal entries are then computed once.
 */
typedef struct VtCompatProps VtCompatProps;
VtCompatProps *vt_compat_props_new(const VtContext *base);
void vt_compat_props_free(VtCompatProps *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCompatProps, vt_compat_props_free)
/*
 * Appends JSON text [{"qom-type", "property", "value"}] for @ctx, which must have the target of the base. A value is in
 * the form of the command line; "" is an absent default.
 */
void vt_compat_props_append(VtCompatProps *self, const VtContext *ctx, GString *text);

/* ---- images ------------------------------------------------------------------------------------------ */

enum { VT_SET_BY_OPTION = 1, VT_SET_BY_OVERLAY }; /* -global, and an overlay */

struct VtImage {
    const VtClassInfo *info;
    const void *data; /* config_size bytes: constant defaults are set, present bits are set, given bits are clear */
    const VtEntry *const *entries; /* by prop: the timeline entry of its default; NULL: none, or set by -global */
    const guint8 *global;          /* by prop: VT_SET_BY_*; 0: neither */
    const uint32_t *pointers;      /* indexes of props whose values in @data own memory */
    size_t n_pointers;
};

/* Returns the image of the class, owned by @ctx and created by the first call. */
const VtImage *vt_context_image(VtContext *ctx, const VtClassInfo *info);

/* Returns a config with a copy of the class's image, owned by the caller. @ctx must outlive it. */
VtConfig *vt_config_new(VtContext *ctx, const VtClassInfo *info);
/* As vt_config_new(), with the position @where of @len bytes. */
VtConfig *vt_config_new_at(VtContext *ctx, const VtClassInfo *info, const char *where, size_t len);

/* Sets the members of the struct @data to their defaults, also in nested structs. @data must be zeroed. A NULL @ctx
 * gives base defaults only. */
void vt_struct_init(const VtSchema *schema, const VtContext *ctx, uint16_t type, void *data);
