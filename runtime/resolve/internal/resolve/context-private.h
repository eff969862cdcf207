/* SPDX-License-Identifier: MIT */
#pragma once

#include "schema/schema-private.h"
#include "vt-runtime/context.h"

/* A -global. The value is decoded when the option is added. */
typedef struct VtGlobal {
    const VtClassInfo *driver;
    const VtProp *prop;  /* member of @driver */
    void *field;         /* the value, owned */
    VtOverlaid overlaid; /* of an overlay; its axis is VT_AXIS_NONE if an option set the value */
    bool used;           /* an image has the value, or no warning is wanted */
} VtGlobal;

typedef struct VtImagePrivate {
    VtImage image; /* must be first: a const VtImage * is cast to const VtImagePrivate * */
    const VtClassPrivate *class;
    const VtEntry **entries;
    guint8 *global;
    uint32_t *pointers;
    void *data;
} VtImagePrivate;

/* The initial value of a struct: its defaults, and the rows whose values own memory. */
typedef struct VtStructImage {
    void *data;
    uint16_t *pointers; /* row indexes */
    size_t n_pointers;
} VtStructImage;

#define VT_CREATED_SLOTS 8

struct VtContext {
    const VtSchema *schema;
    const VtProgram *program; /* NULL: unknown */
    VtPlatform *platform;
    VtMachineName machine; /* family is NULL if there is no machine */
    uint16_t release;      /* on the release axis; entries of newer releases do not apply */
    uint16_t target;
    char *accel;
    GPtrArray *globals;      /* of VtGlobal, in the order of the command line */
    VtImagePrivate **images; /* by global class number; NULL: not created */
    bool has_images;
    bool migratable;                              /* no object may block migration */
    const VtClassInfo *created[VT_CREATED_SLOTS]; /* cache of visit-tag.c: the classes of the last tags */
    VtStructImage **struct_images;                /* by global type number; NULL: not created */
    GHashTable *origins; /* where values of a frozen file came from; NULL: none; see frozen.c */
    GHashTable *frozen;  /* data of a frozen file besides its creations; NULL: none; see frozen.c */
};

/* Rules by which an entry is skipped although its version is reached. */
typedef struct VtResolveRule {
    VtConditionFunc holds; /* NULL: no condition holds */
    const void *opaque;
    uint16_t without; /* a feature to regard as missing, or 0 */
} VtResolveRule;

/* As vt_timeline_resolve(), with @rule. @ctx may be NULL (base defaults). */
const VtEntry *vt_timeline_resolve_by(const VtContext *ctx, const VtLayer *layer, const VtTimeline *timeline,
                                      const VtResolveRule *rule);

/* Writes the value of @entry, of @default_layer, to @field, which must be zeroed. Returns false if the entry makes the
 * member absent. */
bool vt_entry_settle(const VtSchema *schema, const VtContext *ctx, const VtLayer *default_layer, const VtEntry *entry,
                     const VtLayer *layer, const VtRow *row, void *field);
/* Applies the globals to the image: those of the class, of an ancestor, and of the class of an embedded child. */
void vt_globals_apply(const VtContext *ctx, VtImagePrivate *image);
void vt_global_free(VtGlobal *global);
void vt_image_free(const VtSchema *schema, VtImagePrivate *image);
void vt_struct_image_free(VtStructImage *image);
