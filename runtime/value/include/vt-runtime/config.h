/* SPDX-License-Identifier: MIT */
/*
 * Config: the configuration of one object, as the C struct of its class. The config owns all values in it.
 *
 * One thread at a time uses a config. @layer is the layer of @row in all functions.
 */
#pragma once

#include "vt-runtime/schema.h"

typedef struct VtImage VtImage;

#define VT_CONFIG_SHORT_ID 16 /* bytes, with the NUL */

typedef struct VtConfig {
    const VtClassInfo *info;
    const VtImage *image;   /* the image it was copied from: has the origin of each default; borrowed */
    char *id;               /* owned, see vt_config_set_id(); NULL: the object has no id */
    char *where;            /* owned, see vt_config_set_where(): position of its text for errors, as
                               "-device virtio-blk-pci,…"; may be NULL */
    const VtOption *option; /* the option that created it, if not the option of the root class; else NULL */
    char *model;            /* owned; the name of the class in @option; may be NULL */
    bool made;              /* another option or the board created it */
    bool of_board;          /* its address precedes those of other devices */
    void *data;             /* info->row->config_size bytes */
    char short_id[VT_CONFIG_SHORT_ID];
} VtConfig;

void vt_config_free(VtConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtConfig, vt_config_free)

/* Copies the id, which has @len bytes and no NUL.  The config must have none. */
void vt_config_set_id(VtConfig *config, const char *id, size_t len);
/* Replaces the position.  Takes ownership of @where, which may be NULL. */
void vt_config_set_where(VtConfig *config, char *where);

static inline void *
vt_config_field(const VtConfig *config, const VtProp *prop)
{
    return (char *)config->data + prop->offset;
}

/* Returns the word of vt_given, at offset @words of the struct @data, that has @bit. */
static inline uint64_t *
vt_given_word(void *data, uint32_t words, unsigned bit)
{
    return (uint64_t *)((char *)data + words) + bit / 64;
}

/* Returns whether the member with @bit of the struct @data was given. @words is the offset of vt_given. */
static inline bool
vt_is_given(const void *data, uint32_t words, unsigned bit)
{
    return ((const uint64_t *)((const char *)data + words))[bit / 64] >> (bit % 64) & 1;
}

/* Returns whether the member is present. @n_words is the length of vt_given in 64-bit words; vt_present follows it. */
static inline bool
vt_is_present(const void *data, uint32_t words, unsigned n_words, unsigned bit)
{
    return vt_is_given(data, words + n_words * (uint32_t)sizeof(uint64_t), bit);
}

bool vt_config_given(const VtConfig *config, const VtProp *prop);
bool vt_config_present(const VtConfig *config, const VtProp *prop);
void vt_config_set_present(VtConfig *config, const VtProp *prop, bool present);

/* Read and write members stored as integers (bool, integers, enums, scalars), as 64 bits; signed values are
 * sign-extended. Assert for other kinds. */
uint64_t vt_field_get_uint(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field);
void vt_field_set_uint(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *field, uint64_t value);

/*
 * Memory of values, by the tables. clear frees what a value owns and zeroes it. copy overwrites @dst with a deep copy
 * of @src; @dst may be a bytewise copy. @field is the address of the value. Input strings are wiped before they are
 * freed.
 */
void vt_field_clear(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *field);
void vt_field_copy(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *dst, const void *src);
void vt_struct_clear(const VtSchema *schema, uint16_t type, void *data);
/* Returns whether @member of the struct @data was given. @type and @member are names that must exist. */
bool vt_struct_given(const VtSchema *schema, const char *type, const void *data, const char *member);

typedef bool (*VtRefFunc)(VtConfig *config, const char *path, const VtLayer *layer, const VtRow *row, VtRef *ref,
                          void *opaque, GError **error);
/* Calls @func for each reference in the config that is present, at any depth. Stops and returns false at the first call
 * that returns false. The path is borrowed during the call. */
bool vt_config_each_ref(VtConfig *config, VtRefFunc func, void *opaque, GError **error);
/* Calls @func for each string in the config that is present, and each number of a descriptor, at any depth. @row of
 * @layer is its member. */
typedef void (*VtTextFunc)(const VtLayer *layer, const VtRow *row, const char *text, void *opaque);
void vt_config_each_text(const VtConfig *config, VtTextFunc func, void *opaque);
/* Checks the life of each member in @config that is given, at any depth; not of those of inline definitions. @where
 * begins a message, see vt_life_check(). Returns false and sets @error if a strict check fails. */
bool vt_config_check_life(const VtConfig *config, const VtLifeCheck *check, const char *where, GError **error);
/* As vt_config_check_life(), for the struct @data of the global type @type. */
bool vt_struct_check_life(uint16_t type, const void *data, const VtLifeCheck *check, const char *where, GError **error);
/* As vt_config_check_life(), for the members within the value @field of @row. */
bool vt_field_check_life(const VtLayer *layer, const VtRow *row, const void *field, const VtLifeCheck *check,
                         const char *where, GError **error);
/* As vt_config_each_text(), for the value @field of @row. */
void vt_field_each_text(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field,
                        VtTextFunc func, void *opaque);
/* As vt_config_each_text(), for the struct @data of the global type @type. */
void vt_struct_each_text(const VtSchema *schema, uint16_t type, const void *data, VtTextFunc func, void *opaque);
