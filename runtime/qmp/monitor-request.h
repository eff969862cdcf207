/* SPDX-License-Identifier: MIT */
/*
 * Requests: {"execute": COMMAND, "arguments": {…}, "id": ANY}, taken apart.
 */
#pragma once

#include <json-c/json_types.h>

#include "text/json-walk.h"
#include "vt-runtime/input.h"

typedef struct VtRequest {
    char name[64];               /* longer ones are cut: no command is */
    VtSpan arguments;            /* text not checked yet; NULL text: none, or see tree */
    json_object *tree;           /* the whole request, where its envelope was not plain */
    json_object *arguments_tree; /* borrowed from tree */
    char *id;                    /* JSON text, NULL: none; set as soon as it is known, also on failure */
} VtRequest;

/* @request is to be cleared in either case. */
bool vt_request_parse(VtRequest *request, const char *text, size_t len, GError **error);
void vt_request_clear(VtRequest *request);
/* The arguments, or an empty object. */
VtInput *vt_request_input(const VtRequest *request, const char *where);
bool vt_request_has_arguments(const VtRequest *request);
