/* SPDX-License-Identifier: MIT */
/*
 * Keyval: QEMU's key=value text as a flat array of settings, sorted so that what belongs to one member stands together.
 *
 * Where a '.' in a key means nesting is not known here: the longest name that a table declares wins, so the keys are
 * kept whole and cut when they are visited.
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
    uint32_t at; /* offset in the text of the key, or of the value where the key is implied */
    uint32_t order;
} VtSetting;

typedef struct VtKeyval {
    VtSetting *settings;
    size_t n;
    char *pool;  /* the keys' and values' bytes */
    size_t size; /* of the pool */
} VtKeyval;

/* NULL on malformed text: *ret_message (owned) says why, without a position.  @hides: it shows no piece of the text. */
VtKeyval *vt_keyval_new(const char *text, const char *implied_key, bool hides, char **ret_message);
/* One value without a key. */
VtKeyval *vt_keyval_new_value(const char *text);
void vt_keyval_free(VtKeyval *keyval);

/*
 * Settings [lo, hi) share the first @prefix bytes of their keys.  Narrows the range to those that go on with @name,
 * which then ends or is followed by '.'.  False: there are none.
 */
bool vt_keyval_narrow(const VtKeyval *keyval, uint32_t *lo, uint32_t *hi, uint32_t prefix, const char *name,
                      size_t len);
