/* SPDX-License-Identifier: MIT */
/*
 * Functions that decode into the types of text.json and print the result.
 */
#pragma once

#include <string.h>

#include <json-c/json.h>

#include "vt-gen/text-program-text.h"
#include "vt-runtime/error.h"
#include "vt-runtime/input.h"
#include "vt-runtime/output.h"
#include "vt-test.h"

typedef struct Fixture {
    VtSchema *schema;
    VtContext *ctx;
} Fixture;

Fixture *fixture_new(void);
void fixture_free(Fixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fixture, fixture_free)

/* An input whose buffer ends with the text, so that a sanitizer detects an overrun. */
VtInput *fixture_json(const char *text, char **ret_copy);

/*
 * Decodes a text; returns the result as compact JSON, or "error: ...".  The text is JSON if it begins with '{',
 * otherwise key=value text.  The position is "-t".
 */
char *fixture_type(Fixture *f, const char *type, const char *text);
/* The same for a creation, with its id and all members that are not defaults. */
char *fixture_creation(Fixture *f, const char *root, const char *implied_key, const char *text);
/* Parses JSON strictly and prints it. */
char *fixture_parse(const char *text, size_t len);

#define assert_text(call, expected)                                                                                    \
    do {                                                                                                               \
        g_autofree char *text_ = (call);                                                                               \
        g_assert_cmpstr(text_, ==, expected);                                                                          \
    } while (0)
