/* SPDX-License-Identifier: MIT */
/*
 * Visits: what one is decoding into.  Every visit takes the cursor's current value whole, or fails with the reason kept
 * in the cursor; what it has put into its field by then is for vt_field_clear().
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
    /* Whose text it is, for vt_visit_hides(): */
    const VtClassInfo *root, *info; /* a creation's; NULL: none, or (info) not known yet */
    const VtProp *prop;             /* the member of info that is visited; NULL: none, or not known */
    bool sensitive;                 /* not a creation: a sensitive value may stand in it */
    const VtLayer *layer;           /* of row */
    const VtRow *row;               /* the member of a struct that is visited; NULL: none, or not known */
} VtVisit;

/* Whether failures may not show what was written: a sensitive value may stand where it was.  (VtHides) */
bool vt_visit_hides(const void *visit) VT_COLD;

/* A value of a row: a list, a boxed value, or one. @field is zeroed. */
bool vt_visit_field(VtVisit *v, const VtLayer *layer, const VtRow *row, void *field);
/* One value of a row's kind that is neither a list nor boxed. */
bool vt_visit_one(VtVisit *v, const VtLayer *layer, const VtRow *row, void *field);
bool vt_visit_struct(VtVisit *v, uint16_t type_id, void *data);
/* The members of a struct in JSON text, at its '{'. */
bool vt_visit_struct_text(VtVisit *v, const VtLayer *layer, const VtType *type, char *data);
bool vt_visit_union(VtVisit *v, uint16_t type_id, void *data);
bool vt_visit_alternate(VtVisit *v, uint16_t type_id, void *data);
bool vt_visit_scalar(VtVisit *v, const VtCold *cold, const VtLayer *layer, uint16_t type_id, void *field);
bool vt_visit_enum(VtVisit *v, uint16_t type_id, void *field);
bool vt_visit_ref(VtVisit *v, const VtLayer *layer, const VtRow *row, VtRef *ref);
/* Integer kinds and size.  @range: index in @layer's ranges; the values of the names of @scalar (may be NULL) are free
 * of it. */
bool vt_visit_integer(VtVisit *v, VtKind kind, const VtLayer *layer, uint16_t range, const VtLayer *names,
                      const VtScalar *scalar, void *field);
/* By integer kind; the largest value below zero is kept as its two's complement. */
extern const VtRange vt_kind_ranges[VT_KIND_SIZE + 1];
bool vt_integer_in_range(const VtInteger *integer, const VtRange *range);
/* Decimal, or hexadecimal after 0x; whole. */
bool vt_integer_parse(const char *text, VtInteger *ret_integer);
bool vt_visit_bool(VtVisit *v, bool *field);
bool vt_visit_number(VtVisit *v, double *field);
bool vt_visit_str(VtVisit *v, char **field);
bool vt_visit_null(VtVisit *v, bool *field);

/* Whether @word is a name of the enum; -1, 0 or 1 for what a boolean's word says. */
bool vt_enum_has(const VtSchema *schema, uint16_t type_id, const VtText *word);
int vt_word_bool(const char *word);

/*
 * Members of text that were skipped because what they belong to was not known yet.  add takes the key's string and
 * skips the value; what is visited between begin and end is the member, colon and all.
 */
typedef struct VtPending {
    VtText key;
    const char *key_at;
    VtMark mark;
    bool done;
} VtPending;

typedef struct VtPendings {
    size_t n, room;
    VtPending *v; /* NULL: none yet */
    VtPending few[4];
} VtPendings;

bool vt_pending_add(VtVisit *v, VtPendings *list, VtText *key, const char *key_at);
void vt_pending_begin(VtVisit *v, VtPending *pending);
bool vt_pending_end(VtVisit *v, const VtPending *pending);
void vt_pending_clear(VtPendings *list);

/* A creation at the cursor; NULL on failure.  An inline definition needs no id: what it stands in refers to it. */
/* The object that holds the tag called @tag; @id may be empty: it stands elsewhere. */
VtConfig *vt_visit_leaf(VtVisit *v, const VtClassInfo *root, const char *tag, const char *id, bool needs_id);
/* As QEMU has ids: a letter, then letters, digits, '-', '.', '_'. */
bool vt_id_is_well_formed(const char *id);
/* The member called @name, an id; *id is NULL before. */
bool vt_visit_id(VtVisit *v, const char *name, char **id);
VtConfig *vt_visit_creation(VtVisit *v, const VtClassInfo *root, bool inline_definition);
/* The class that @tag creates; NULL: there is none, or not here, or not for users. */
const VtClassInfo *vt_visit_find_class(VtVisit *v, const VtClassInfo *root, const VtText *tag);
/* Members over a config that may have been given some before; what fails keeps its value. */
bool vt_visit_overlay(VtVisit *v, VtConfig *config);

/* What @old was given and @fresh, of the same row, was not becomes @fresh's; for anything but an inline struct nothing.
 */
void vt_visit_merge(const VtSchema *schema, const VtRow *row, void *fresh, const void *old);

/* A member of a struct at @data: the cursor stands behind its key. */
bool vt_visit_row(VtVisit *v, const VtLayer *layer, const VtType *type, const VtRow *row, char *data);
/* Whether all members that are required are there. */
bool vt_visit_required(VtVisit *v, const VtLayer *layer, const VtType *type, const char *data);

/* Whether the target has the member. */
bool vt_visit_has_target(const VtVisit *v, const VtCold *cold);
/* Why a row can't be given at all; true: it can. @name: as the class spells it. */
bool vt_visit_check_row(VtVisit *v, const VtLayer *layer, const VtRow *row, const char *name);
/* "unknown member 'x'; did you mean 'y'?" @names: NULL-terminated. */
bool vt_visit_fail_member(VtVisit *v, const VtLayer *layer, const VtType *type, const VtText *key) VT_COLD;
bool vt_visit_fail_unknown(VtVisit *v, const char *what, const char *name, size_t len,
                           const char *const *names) VT_COLD;

static inline bool
vt_kind_owns(unsigned kind)
{
    return kind == VT_KIND_STR || kind >= VT_KIND_SCALAR;
}

/* The row of @type called @name, or NULL. */
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
