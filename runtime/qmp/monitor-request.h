/* SPDX-License-Identifier: MIT */
/*
 * Parses requests: {"execute": COMMAND, "arguments": {…}, "id": ANY}, or "exec-oob" in place of "execute".
 */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/json-walk.h"
#include "vt-runtime/input.h"

typedef struct VtRequest {
    char name[64];               /* command name, truncated: no command has a longer name */
    bool oob;                    /* out of band */
    VtSpan arguments;            /* unchecked JSON text; NULL text: none, or see @arguments_tree */
    json_object *tree;           /* the whole request, if parse_plain() cannot parse it; else NULL */
    json_object *arguments_tree; /* borrowed from @tree */
    char *arguments_text;        /* of vt_request_text(), if it makes one; else NULL */
    char *id_text;               /* the id of @tree as JSON text; else NULL */
    VtSpan id; /* JSON text, borrowed from the request or @id_text; also set for an invalid request; NULL text: none */
} VtRequest;

/* Parses a request.  @text must outlive @request.  The caller calls vt_request_clear(), also on failure. */
bool vt_request_parse(VtRequest *request, const char *text, size_t len, GError **error);
void vt_request_clear(VtRequest *request);
/* Whether @text is a request out of band. */
bool vt_request_is_oob(const char *text, size_t len);
/* The arguments, or an empty object.  The caller frees the input.  @where names them in errors. */
VtInput *vt_request_input(const VtRequest *request, const char *where);
bool vt_request_has_arguments(const VtRequest *request);
/* The arguments as JSON text, borrowed from @request; a NULL text: none. */
VtSpan vt_request_text(VtRequest *request);
