/* SPDX-License-Identifier: MIT */
#include "monitor-request.h"

#include <string.h>

#include <json-c/json.h>

#include "text/plain-run.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"
#include "vt-runtime/wipe.h"

#define EXECUTE  "execute"
#define EXEC_OOB "exec-oob"

/* Whether the text of a JSON string has no escapes and no control characters. */
static bool
is_plain(VtSpan span)
{
    const char *end = span.text + span.len;

    for (const char *p = vt_plain_run(span.text, end); p < end; p++) {
        if (*p < 0x20 || *p == '\\' || *p == 0x7F) {
            return false;
        }
    }
    return true;
}

static bool
is_integer(VtSpan span)
{
    size_t digits = span.len - (span.len && span.text[0] == '-');
    const char *first = span.text + span.len - digits;

    if (!digits || digits > 18 || (first[0] == '0' && digits > 1)) {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        if (!g_ascii_isdigit(first[i])) {
            return false;
        }
    }
    return true;
}

static void
set_name(VtRequest *request, const char *name, size_t len)
{
    len = MIN(len, sizeof request->name - 1);
    memcpy(request->name, name, len);
    request->name[len] = '\0';
}

/*
 * Parses a plain request without a tree: known keys, each once, a command name without escapes, and an id that is an
 * integer or a string without escapes.  The decoder checks the text of the arguments.  Returns false if parse_tree() is
 * required.
 */
static bool
parse_plain(VtRequest *request, const char *text, size_t len)
{
    VtJsonWalk walk;
    VtSpan key, value, name = {NULL, 0}, id = {NULL, 0};

    vt_json_walk_init(&walk, text, len);
    while (vt_json_walk_next(&walk, &key, &value)) {
        VtSpan inner = {value.text + 1, value.len - 2};
        bool plain_str = value.len >= 2 && value.text[0] == '"' && is_plain(inner);

        if ((vt_span_is(key, EXECUTE) || vt_span_is(key, EXEC_OOB)) && !name.text && plain_str) {
            name = inner;
            request->oob = vt_span_is(key, EXEC_OOB);
        } else if (vt_span_is(key, "arguments") && !request->arguments.text && value.text[0] == '{') {
            request->arguments = value;
        } else if (vt_span_is(key, "id") && !id.text && (plain_str || is_integer(value))) {
            id = value;
        } else {
            return false;
        }
    }
    if (!vt_json_walk_at_end(&walk) || text[0] != '{' || !name.text || name.len >= sizeof request->name) {
        return false;
    }
    set_name(request, name.text, name.len);
    request->id = id;
    return true;
}

static bool
parse_tree(VtRequest *request, const char *text, size_t len, GError **error)
{
    g_autoptr(GError) failure = NULL;
    json_object *member;
    bool found = false;

    request->arguments = (VtSpan){NULL, 0};
    request->oob = false;
    request->tree = vt_json_parse_private(text, len, "", &failure);
    if (failure) {
        const char *message = failure->message;

        while (*message == ':' || *message == ' ') {
            message++;
        }
        return vt_error_set(error, "JSON parse error, %s", message);
    }
    if (!json_object_is_type(request->tree, json_type_object)) {
        return vt_error_set(error, "QMP input must be a JSON object");
    }
    if (json_object_object_get_ex(request->tree, "id", &member)) {
        request->id_text = vt_json_text(member);
        request->id = (VtSpan){request->id_text, strlen(request->id_text)};
    }
    json_object_object_foreach (request->tree, key, value) {
        if (strcmp(key, EXECUTE) == 0 || strcmp(key, EXEC_OOB) == 0) {
            if (!json_object_is_type(value, json_type_string)) {
                return vt_error_set(error, "QMP input member '%s' must be a string", key);
            }
            if (found) {
                return vt_error_set(error, "QMP input member '" EXEC_OOB "' clashes with '" EXECUTE "'");
            }
            set_name(request, json_object_get_string(value), json_object_get_string_len(value));
            found = true;
            request->oob = strcmp(key, EXEC_OOB) == 0;
        } else if (strcmp(key, "arguments") == 0) {
            if (!json_object_is_type(value, json_type_object)) {
                return vt_error_set(error, "QMP input member 'arguments' must be an object");
            }
            request->arguments_tree = value;
        } else if (strcmp(key, "id") != 0) {
            return vt_error_set(error, "QMP input member '%s' is unexpected", key);
        }
    }
    return found || vt_error_set(error, "QMP input lacks member '" EXECUTE "'");
}

bool
vt_request_parse(VtRequest *request, const char *text, size_t len, GError **error)
{
    memset(request, 0, sizeof *request);
    return parse_plain(request, text, len) || parse_tree(request, text, len, error);
}

bool
vt_request_is_oob(const char *text, size_t len)
{
    VtRequest request;
    size_t room = 2 * len + 1;
    char *plain;
    bool oob;

    if (!memmem(text, len, EXEC_OOB, strlen(EXEC_OOB))) {
        return false;
    }
    plain = vt_json_double_quotes(text, len, &len);
    oob = vt_request_parse(&request, plain ? plain : text, len, NULL) && request.oob;
    vt_request_clear(&request);
    vt_wipe_free(plain, room);
    return oob;
}

void
vt_request_clear(VtRequest *request)
{
    json_object_put(request->tree);
    vt_wipe_str(request->arguments_text);
    vt_wipe_str(request->id_text);
}

VtInput *
vt_request_input(const VtRequest *request, const char *where)
{
    VtInput *input = request->arguments_tree ? vt_input_new_object(request->arguments_tree, where)
                     : request->arguments.text
                         ? vt_input_new_json(request->arguments.text, request->arguments.len, where)
                         : vt_input_new_json("{}", 2, where);

    vt_input_make_private(input);
    return input;
}

bool
vt_request_has_arguments(const VtRequest *request)
{
    return request->arguments_tree || request->arguments.text;
}

VtSpan
vt_request_text(VtRequest *request)
{
    if (!request->arguments_tree) {
        return request->arguments;
    }
    if (!request->arguments_text) {
        request->arguments_text = vt_json_text(request->arguments_tree);
    }
    return (VtSpan){request->arguments_text, strlen(request->arguments_text)};
}
