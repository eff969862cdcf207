/* SPDX-License-Identifier: MIT */
/*
 * Keyval: QEMU's key=value text as an array of settings, sorted so that the settings of a member are adjacent.
 *
 * Keys are stored whole. Only a visit knows at which '.' to split a key: the longest name in the type's table wins.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct VtSetting {
    const char *key;   /* 'a[0]' is kept as 'a.0'; NUL-terminated */
    const char *value; /* NUL-terminated */
    uint32_t key_len, value_len;
    uint32_t at; /* offset of the key in the text; of the value if the key is implied */
    uint32_t order;
} VtSetting;

typedef struct VtKeyval {
    VtSetting *settings; /* @few, or allocated */
    size_t n;
    size_t size; /* of @pool, in bytes */
    VtSetting few[4];
    char pool[]; /* holds the keys and values */
} VtKeyval;

/* Parses @text. @implied_key may be NULL. On failure returns NULL and sets *@ret_message, owned by the caller, without
 * a position. With @hides, it shows no part of the text. */
VtKeyval *vt_keyval_new(const char *text, const char *implied_key, bool hides, char **ret_message);
/* As vt_keyval_new(), in memory of vt_keyval_size() bytes.  vt_keyval_clear() must follow, also after a failure. */
bool vt_keyval_init(VtKeyval *keyval, const char *text, size_t len, const char *implied_key, bool hides,
                    char **ret_message);
/* As vt_keyval_init(), for one setting with an empty key and the value @text. */
void vt_keyval_init_value(VtKeyval *keyval, const char *text, size_t len);
/* The bytes for a text of @len bytes. */
size_t vt_keyval_size(size_t len, const char *implied_key);
/* Overwrites the keys and values. */
void vt_keyval_clear(VtKeyval *keyval);
void vt_keyval_free(VtKeyval *keyval);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtKeyval, vt_keyval_free)
/* Returns the end of the first item of @text: its first single comma or its NUL. ",," is a comma of the item. */
const char *vt_keyval_item_end(const char *text);

/*
 * Settings [*@lo, *@hi) have the same first @prefix bytes in their keys. Narrows the range to the keys in which @name,
 * followed by '.' or the end, comes next. Returns false if there are none.
 */
bool vt_keyval_narrow(const VtKeyval *keyval, uint32_t *lo, uint32_t *hi, uint32_t prefix, const char *name,
                      size_t len);
