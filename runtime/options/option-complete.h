/* SPDX-License-Identifier: MIT */
/*
 * Parts of the completion of a command line, which option-complete.c composes.
 */
#pragma once

#include "options-private.h"

/* An object of the command line. */
typedef struct VtKnownObject {
    const VtClassInfo *class;
    char *id;
} VtKnownObject;

typedef struct VtKnownBus {
    char *type, *name;
} VtKnownBus;

typedef struct VtCompletion {
    const VtProgram *program;
    const VtSchema *schema;
    uint16_t target;
    const char *word; /* to complete */
    GPtrArray *lines; /* of char *: candidates with their documentation */
    GHashTable *seen;
    GArray *objects;  /* of VtKnownObject */
    GArray *buses;    /* of VtKnownBus */
    bool goes_on;     /* a candidate may have more text after it, as after a ',' */
    bool wants_files; /* the word may be the name of a file */
} VtCompletion;

/* Adds @kept + @name + @end if it begins with the word.  @doc may be NULL. */
void vt_completion_add(VtCompletion *self, const char *kept, const char *name, const char *end, const char *doc);
/* Returns whether a name with @life is offered.  @life may be NULL. */
bool vt_completion_offers(const VtCompletion *self, const VtLife *life);
/* The value of the item @key of key=value text, or NULL.  The caller frees it. */
char *vt_completion_item(const char *text, const char *key);
/* Adds the tags of the classes below @root. */
void vt_completion_add_tags(VtCompletion *self, const VtClassInfo *root, const char *kept, const char *end);
/* Add the machines of the target, and the models of @option. */
void vt_completion_add_machines(VtCompletion *self, const VtClassInfo *root, const char *kept);
void vt_completion_add_models(VtCompletion *self, const VtOption *option, const char *kept);

/* What has members: the definition of an object, or a struct. */
typedef struct VtMemberSet {
    const VtClassInfo *root; /* an object's, with the members of @class, if that is known; or NULL */
    const VtClassInfo *class;
    uint16_t type;        /* of a struct or union; or 0 */
    const char *text;     /* key=value text, which has the tags */
    const char *path;     /* of the set in @text: "" or "file." */
    const VtOption *keys; /* whose other names of keys apply; or NULL */
} VtMemberSet;

/* Completes @item, "KEY" or "KEY=VALUE", the last one of the text.  @kept: the text before it. */
void vt_completion_add_item(VtCompletion *self, const VtMemberSet *set, const char *kept, const char *item);
/* As vt_completion_add_item(), for keys of the option that are members of other classes. */
void vt_completion_add_globals(VtCompletion *self, const VtOption *option, const char *kept, const char *item);
/* Adds the values of @row; @class: its object's, for the type of its bus, or NULL. */
void vt_completion_add_values(VtCompletion *self, const VtLayer *layer, const VtRow *row, const VtClassInfo *class,
                              const char *kept);
/* Adds the values of an enum or scalar, by its number. */
void vt_completion_add_names(VtCompletion *self, uint16_t type_number, const char *kept);
