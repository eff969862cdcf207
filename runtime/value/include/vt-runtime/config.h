/* SPDX-License-Identifier: MIT */
/*
 * Config: one object's configuration: the C struct of its class, filled.  It owns everything in it.
 */
#pragma once

#include "vt-runtime/schema.h"

typedef struct VtImage VtImage;

typedef struct VtConfig {
    const VtClassInfo *info;
    const VtImage *image;   /* it was copied from; tells the origin of what nobody gave */
    char *id;               /* NULL: anonymous */
    char *where;            /* position of its text, for later errors: "-device virtio-blk-pci,…"; may be NULL */
    const VtOption *option; /* that describes it, where that is not the one of its root class; NULL */
    char *model;            /* what it is called there */
    void *data;             /* info->row->config_size bytes */
} VtConfig;

void vt_config_free(VtConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtConfig, vt_config_free)

static inline void *
vt_config_field(const VtConfig *config, const VtProp *prop)
{
    return (char *)config->data + prop->offset;
}

static inline uint64_t *
vt_given_word(void *data, uint32_t words, unsigned bit)
{
    return (uint64_t *)((char *)data + words) + bit / 64;
}

bool vt_config_given(const VtConfig *config, const VtProp *prop);
bool vt_config_present(const VtConfig *config, const VtProp *prop);
void vt_config_set_present(VtConfig *config, const VtProp *prop, bool present);

/* Integer-like members (bool, integers, enum, scalar), widened; asserts on others. */
uint64_t vt_field_get_uint(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field);
void vt_field_set_uint(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *field, uint64_t value);

/* Memory of values, by table: clear frees and zeroes, copy duplicates what is pointed to. @field is the value itself.
 */
void vt_field_clear(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *field);
void vt_field_copy(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *dst, const void *src);
void vt_struct_clear(const VtSchema *schema, uint16_t type, void *data);
/* Whether @member of a plain struct was given. */
bool vt_struct_given(const VtSchema *schema, const char *type, const void *data, const char *member);

typedef bool (*VtRefFunc)(VtConfig *config, const char *path, const VtLayer *layer, const VtRow *row, VtRef *ref,
                          void *opaque, GError **error);
/* Calls @func for each reference in the config, nested and in lists, that is not absent; stops at the first false. */
bool vt_config_each_ref(VtConfig *config, VtRefFunc func, void *opaque, GError **error);
/* Calls @func for each text that is not absent, nested and in lists, with what the schema says of its member. */
typedef void (*VtTextFunc)(const VtCold *cold, const char *text, void *opaque);
void vt_config_each_text(VtConfig *config, VtTextFunc func, void *opaque);
/* The same of a plain struct. */
void vt_struct_each_text(const VtSchema *schema, uint16_t type, const void *data, VtTextFunc func, void *opaque);
