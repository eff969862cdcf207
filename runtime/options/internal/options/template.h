/* SPDX-License-Identifier: MIT */
/*
 * Templates: JSON values with placeholders.
 */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/config.h"

#define VT_SPREAD "..." /* the key whose members become those of the object around it */

struct VtExpansion;

/* What placeholders and guards refer to. */
typedef struct VtTemplateScope {
    const VtSchema *schema;
    json_object *value;            /* of '$value'; or NULL */
    unsigned index;                /* number of earlier uses of the option */
    const VtConfig *machine;       /* NULL: none */
    struct VtExpansion *expansion; /* NULL: there are no '$options' and '$objects' */
    bool (*uses)(const struct VtTemplateScope *scope, const char *option);   /* '$options' */
    bool (*creates)(const struct VtTemplateScope *scope, const char *class); /* '$objects' */
} VtTemplateScope;

/* @template with its placeholders replaced: a new reference.  Members whose placeholder has no value are left out. */
json_object *vt_template_fill(const VtTemplateScope *scope, json_object *template);
/* Evaluates 'when' and 'unless' of the template. */
bool vt_template_applies(const VtTemplateScope *scope, json_object *template);
