/* SPDX-License-Identifier: MIT */
#pragma once

#include "schema/schema-private.h"
#include "vt-runtime/context.h"

/* A -global, decoded when it was added. */
typedef struct VtGlobal {
    const VtClassInfo *driver;
    const VtProp *prop; /* the driver's */
    void *field;        /* its value, owned */
} VtGlobal;

typedef struct VtImagePrivate {
    VtImage image; /* first: a VtImage * is cast to this */
    const VtClassPrivate *class;
    const VtEntry **entries;
    guint8 *global;
    uint32_t *pointers;
    void *data;
} VtImagePrivate;

/* What a plain struct starts from: its defaults, and the rows whose values own memory. */
typedef struct VtStructImage {
    void *data;
    uint16_t *pointers; /* row indexes */
    size_t n_pointers;
} VtStructImage;

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
void vt_globals_apply(const VtContext *ctx, VtImagePrivate *image);
void vt_global_free(VtGlobal *global);
void vt_image_free(const VtSchema *schema, VtImagePrivate *image);
void vt_struct_image_free(VtStructImage *image);
