/* SPDX-License-Identifier: MIT */
/*
 * Visits: decode a value at a cursor into memory.
 *
 * A visit takes the whole current value. On failure it returns false or NULL, and the cursor keeps the message. Its
 * field may then be partly filled; vt_field_clear() releases it.
 */
#pragma once

#include "schema/row-private.h"
#include "text/cursor-read.h"
#include "vt-runtime/context.h"
#include "vt-runtime/error.h"

typedef struct VtVisit {
    VtCursor *c;
    const VtSchema *schema;
    VtContext *ctx; /* may be NULL */
    /* For vt_visit_hides(): */
    const VtClassInfo *root, *info; /* of a creation; NULL: not a creation, or @info is not known yet */
    const VtProp *prop;             /* the current member of info; NULL: none */
    bool sensitive;                 /* not a creation: the value may contain a sensitive value */
    const VtLayer *layer;           /* layer of @row */
    const VtRow *row;               /* the current member of a struct; NULL: none */
} VtVisit;

/* Returns whether the @len bytes of @key are @name; an empty key is no name. */
static inline bool
vt_key_is(const char *name, const char *key, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (name[i] != key[i] || !name[i]) {
            return false;
        }
    }
    return !name[len] && len;
}

/* Returns whether messages must hide the text, because the current member may contain a sensitive value. @visit is a
 * VtVisit. (VtHides) */
bool vt_visit_hides(const void *visit) VT_COLD;

/* Visits a value of @row: a list, a boxed value or one value. @field must be zeroed. */
bool vt_visit_field(VtVisit *v, const VtLayer *layer, const VtRow *row, void *field);
/* Visits one value of the kind of @row, which is not a list and not boxed. */
bool vt_visit_one(VtVisit *v, const VtLayer *layer, const VtRow *row, void *field);
bool vt_visit_struct(VtVisit *v, uint16_t type_id, void *data);
/* Visits the members of a struct in JSON text. The cursor is at '{'. */
bool vt_visit_struct_text(VtVisit *v, const VtLayer *layer, const VtType *type, char *data);
bool vt_visit_union(VtVisit *v, uint16_t type_id, void *data);
bool vt_visit_alternate(VtVisit *v, uint16_t type_id, void *data);
bool vt_visit_scalar(VtVisit *v, const VtCold *cold, const VtLayer *layer, uint16_t type_id, void *field);
bool vt_visit_enum(VtVisit *v, uint16_t type_id, void *field);
bool vt_visit_ref(VtVisit *v, const VtLayer *layer, const VtRow *row, VtRef *ref);
/* Visits an integer or a size. @range: index in the ranges of @layer, 0: none. Values with a name of @scalar (in
 * @names; may be NULL) may be out of @range. */
bool vt_visit_integer(VtVisit *v, VtKind kind, const VtLayer *layer, uint16_t range, const VtLayer *names,
                      const VtScalar *scalar, void *field);
/* By integer kind. A negative maximum is in two's complement. */
extern const VtRange vt_kind_ranges[VT_KIND_SIZE + 1];
bool vt_integer_in_range(const VtInteger *integer, const VtRange *range);
/* Parses all of @text: decimal, or hexadecimal with the prefix 0x. */
bool vt_integer_parse(const char *text, VtInteger *ret_integer);
bool vt_visit_bool(VtVisit *v, bool *field);
bool vt_visit_number(VtVisit *v, double *field);
bool vt_visit_str(VtVisit *v, char **field);
/* As vt_visit_str(), without a copy. The caller releases *@ret_text. */
bool vt_visit_text(VtVisit *v, VtText *ret_text);
bool vt_visit_null(VtVisit *v, bool *field);

/* vt_enum_has(): whether @word is a name of the enum. vt_word_bool(): 1 for "on" and the like, 0 for "off" and the
 * like, -1 for other words. */
bool vt_enum_has(const VtSchema *schema, uint16_t type_id, const VtText *word);
int vt_word_bool(const char *word);

/*
 * Pending members: members of JSON text that are skipped until their class or branch is known.
 *
 * vt_pending_add() takes ownership of the string of the key and skips the value. Visit the member, with its colon,
 * between vt_pending_begin() and vt_pending_end().
 */
typedef struct VtPending {
    VtText key;
    const char *key_at;
    VtMark mark;
    bool done;
} VtPending;

typedef struct VtPendings {
    size_t n, room;
    VtPending *v; /* NULL: empty */
    VtPending few[4];
} VtPendings;

bool vt_pending_add(VtVisit *v, VtPendings *list, VtText *key, const char *key_at);
void vt_pending_begin(VtVisit *v, VtPending *pending);
bool vt_pending_end(VtVisit *v, const VtPending *pending);
void vt_pending_clear(VtPendings *list);

/* vt_visit_creation() visits a creation and returns NULL on failure. An inline definition needs no id, because the
 * embedding member refers to it. */
/* Visits the object with the member @tag. If @id is empty, the id is in an outer object. */
VtConfig *vt_visit_leaf(VtVisit *v, const VtClassInfo *root, const char *tag, const char *id, bool needs_id);
/* Returns whether @id is valid as in QEMU: a letter, then letters, digits, '-', '.' and '_'. */
bool vt_id_is_well_formed(const char *id, size_t len);
/* Visits the member @name, an id. @repeated: the object has an id already, so the visit fails. The caller releases
 * *@ret_id. */
bool vt_visit_id(VtVisit *v, const char *name, bool repeated, VtText *ret_id);
/* Sets the position of @config to that of @at, unless it is the position of the whole text. */
void vt_visit_place(VtCursor *c, const char *at, VtConfig *config);
VtConfig *vt_visit_creation(VtVisit *v, const VtClassInfo *root, bool inline_definition);
/* Returns the class that @tag creates. Fails with NULL if it is unknown, abstract, of another target, or not creatable
 * by users. */
const VtClassInfo *vt_visit_find_class(VtVisit *v, const VtClassInfo *root, const VtText *tag);
/* Visits members over an existing config. If a visit fails, the failed member keeps its old value. */
bool vt_visit_overlay(VtVisit *v, VtConfig *config);

/* Copies the members that were given in @old and not in @fresh to @fresh. Both are values of @row. No-op unless it is
 * an inline struct. */
void vt_visit_merge(const VtSchema *schema, const VtRow *row, void *fresh, const void *old);

/* Visits a member of the struct @data. The cursor is after its key. */
bool vt_visit_row(VtVisit *v, const VtLayer *layer, const VtType *type, const VtRow *row, char *data);
/* Checks that all required members are present; fails if not. */
bool vt_visit_required(VtVisit *v, const VtLayer *layer, const VtType *type, const char *data);

/* Returns whether the target of the visit has the member. */
bool vt_visit_has_target(const VtVisit *v, const VtCold *cold);
/* Fails if no input may set @row on this target. @name: the name of the member in its class. */
bool vt_visit_check_row(VtVisit *v, const VtLayer *layer, const VtRow *row, const char *name);
/* Fail with "unknown member 'x'; did you mean 'y'?". @names: NULL-terminated. Always return false. */
bool vt_visit_fail_member(VtVisit *v, const VtLayer *layer, const VtType *type, const VtText *key) VT_COLD;
bool vt_visit_fail_unknown(VtVisit *v, const char *what, const char *name, size_t len,
                           const char *const *names) VT_COLD;

static inline bool
vt_kind_owns(unsigned kind)
{
    return kind == VT_KIND_STR || kind >= VT_KIND_SCALAR;
}

/* Returns the row of @type called @name, or NULL. */
static inline const VtRow *
vt_type_find(const VtLayer *layer, const VtType *type, const char *name, size_t len)
{
    const VtRow *rows = &layer->rows[type->first];
    const uint16_t *slots = &layer->hashes[type->hash];
    uint32_t mask = (1u << type->hash_bits) - 1;
    uint32_t slot = vt_name_hash(name, len) & mask;

    if (!type->count) {
        return NULL;
    }
    for (uint32_t i = 0; i <= mask && slots[slot]; i++, slot = (slot + 1) & mask) {
        const VtRow *row = &rows[slots[slot] - 1];

        if (row->len == len && memcmp(vt_str(layer, row->name), name, len) == 0) {
            return row->flags & VT_ROW_IF_OFF ? NULL : row;
        }
    }
    return NULL;
}
