/* SPDX-License-Identifier: MIT */
#pragma once

#include "schema/schema-private.h"
#include "vt-runtime/context.h"

/* A -global, checked when it was added. */
typedef struct VtGlobal {
    const VtClassInfo *driver;
    const VtProp *prop; /* the driver's */
    char *value;
    char *where;
} VtGlobal;

typedef struct VtImagePrivate {
    VtImage image; /* first: a VtImage * is cast to this */
    const VtClassPrivate *class;
    const VtEntry **entries;
    guint8 *global;
    uint32_t *pointers;
    void *data;
} VtImagePrivate;

struct VtContext {
    const VtSchema *schema;
    VtPlatform *platform;
    VtMachineName machine; /* family is NULL where there is no machine */
    uint16_t target;
    char *accel;
    GPtrArray *globals; /* of VtGlobal, as given */
    VtImage **images;   /* by global class number */
    bool has_images;
    VtStructImage **struct_images; /* by type */
    GHashTable *frozen;            /* what a frozen file says beyond its creations; NULL: nothing; see frozen.c */
};

/* Why an entry does not count although its version is reached. */
typedef struct VtResolveRule {
    VtConditionFunc holds; /* NULL: no condition holds */
    const void *opaque;
    uint16_t without; /* a feature to be counted as missing, or 0 */
} VtResolveRule;

/* vt_timeline_resolve() with more to say; @ctx may be NULL (base defaults). */
const VtEntry *vt_timeline_resolve_by(const VtContext *ctx, const VtLayer *layer, const VtTimeline *timeline,
                                      const VtResolveRule *rule);

/* Writes the value of @entry of @default_layer into @field, which is zeroed; false: the entry states absence. */
bool vt_entry_settle(const VtSchema *schema, const VtContext *ctx, const VtLayer *default_layer, const VtEntry *entry,
                     const VtLayer *layer, const VtRow *row, void *field);
/* Lays the globals that name the class, an ancestor or an embedded child's class over its image. */
bool vt_globals_apply(VtContext *ctx, VtImagePrivate *image, GError **error);
/* Decodes key=value text for one member. */
bool vt_globals_decode(const VtContext *ctx, const VtProp *prop, const char *value, const char *where, void *field,
                       GError **error);
void vt_global_free(VtGlobal *global);
void vt_image_free(const VtSchema *schema, VtImagePrivate *image);
/* Whether the value in memory owns something. */
bool vt_field_owns(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field);
