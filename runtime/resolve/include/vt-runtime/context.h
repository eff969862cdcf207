/* SPDX-License-Identifier: MIT */
/*
 * Contexts: in which versions defaults are resolved, and the images that come of it.
 *
 * No context is global; two may stand side by side.  A VtPlatform is all that backends resolve by; a VtContext
 * adds what devices and machines see.  Both belong to the main thread.
 */
#pragma once

#include "vt-runtime/config.h"

typedef struct VtPlatform VtPlatform;
typedef struct VtContext VtContext;

/* ---- platform ---------------------------------------------------------------------------------------- */

typedef enum VtAnswer { VT_ANSWER_NO, VT_ANSWER_YES, VT_ANSWER_UNKNOWN, VT_ANSWER_NOT_APPLICABLE } VtAnswer;

/* A probe of a platform feature: asks the host, touches nothing.  *ret_detail (owned) says what was seen. */
struct VtProbe {
    VtAnswer (*ask)(char **ret_detail);
};

/* @version: index on the platform axis; 0: the open one.  @probe_file: JSON object {"sev-init2": "yes"|"no"|
 * "unknown"|"not-applicable", …} that replaces the host's answers, or NULL. */
VtPlatform *vt_platform_new(const VtSchema *schema, uint16_t version, const char *probe_file, GError **error);
void vt_platform_free(VtPlatform *platform);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtPlatform, vt_platform_free)
uint16_t vt_platform_version(const VtPlatform *platform);
bool vt_platform_includes(const VtPlatform *platform, uint16_t feature); /* feature.since <= version */
VtAnswer vt_platform_ask(VtPlatform *platform, uint16_t feature, const char **ret_detail); /* asked once, kept */
const char *vt_answer_name(VtAnswer answer);

/* ---- context ----------------------------------------------------------------------------------------- */

/* Takes @platform.  @machine: NULL for a program without machines. @accel may be NULL. @target: one VT_TARGET_*. */
VtContext *vt_context_new(const VtSchema *schema, VtPlatform *platform, const VtMachineName *machine, uint16_t target,
                          const char *accel);
void vt_context_free(VtContext *ctx);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtContext, vt_context_free)
const VtSchema *vt_context_schema(const VtContext *ctx);
VtPlatform *vt_context_platform(const VtContext *ctx);
const VtMachineName *vt_context_machine(const VtContext *ctx); /* NULL where there is none */
uint16_t vt_context_target(const VtContext *ctx);
const char *vt_context_accel(const VtContext *ctx); /* its tag; NULL: none was named */

/* ---- timelines --------------------------------------------------------------------------------------- */

/* Whether @condition, of an entry in @layer, holds for the object that @opaque stands for. */
typedef bool (*VtConditionFunc)(const VtCondition *condition, const VtLayer *layer, const void *opaque);
/*
 * The entry in force for @ctx, or NULL if there is no default; borrowed from the tables.  @layer is the timeline's.  An
 * entry whose needs the platform version lacks is skipped.  An entry with a condition has its needs only where @holds
 * returns true for it; @holds may be NULL, which is false for all.  @ctx may be NULL: base defaults only.  O(log n).
 */
const VtEntry *vt_timeline_resolve(const VtContext *ctx, const VtLayer *layer, const VtTimeline *timeline,
                                   VtConditionFunc holds, const void *opaque);

/*
 * In which defaults of concrete classes, machines left out, the machines of a family differ from its newest.  @newest
 * is borrowed.  Asked from the newest version to the oldest, as a whole it costs little more than its texts.
 */
typedef struct VtCompatProps VtCompatProps;
VtCompatProps *vt_compat_props_new(const VtContext *newest);
void vt_compat_props_free(VtCompatProps *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCompatProps, vt_compat_props_free)
/*
 * Appends the JSON text [{"qom-type", "property", "value"}] of @ctx, the same family's.  A value is what a command line
 * would write; absence is an empty text.
 */
void vt_compat_props_append(VtCompatProps *self, const VtContext *ctx, GString *text);

/* ---- images ------------------------------------------------------------------------------------------ */

struct VtImage {
    const VtClassInfo *info;
    const void *data;              /* config_size bytes, constants settled, present bits set, given bits clear */
    const VtEntry *const *entries; /* by prop: the timeline entry its default came from; NULL: none, or global */
    const guint8 *global;          /* by prop: nonzero: set by -global */
    const uint32_t *pointers;      /* offsets of props (prop indexes) that own memory, non-NULL in data */
    size_t n_pointers;
};

/* Returns the image of the class, which belongs to @ctx and is made at the first call. */
const VtImage *vt_context_image(VtContext *ctx, const VtClassInfo *info);

/* Returns a copy of the class's image in @ctx, which the caller owns. */
VtConfig *vt_config_new(VtContext *ctx, const VtClassInfo *info);

/* Fills a plain struct, which is zeroed, with its members' defaults, nested ones too. @ctx may be NULL (base defaults
 * only). */
void vt_struct_init(const VtSchema *schema, const VtContext *ctx, uint16_t type, void *data);
