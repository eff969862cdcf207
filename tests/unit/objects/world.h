/* SPDX-License-Identifier: MIT */
/*
 * The classes of objects.json: their behaviour, and functions to plan them.
 */
#pragma once

#include <string.h>

#include <json-c/json.h>

#include "vt-gen/objects-program-objects.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"
#include "vt-test.h"

typedef struct World {
    VtSchema *schema;
    VtVm *vm;
} World;

/* Version names; @machine may be NULL. */
VtContext *world_context(const VtSchema *schema, const char *machine, const char *platform);
World *world_new(const char *machine, const char *platform);
void world_free(World *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

/* Pairs of root class ("device", "object", "wire") and key=value text, NULL-terminated. */
bool world_plan(World *world, GError **error, ...) G_GNUC_NULL_TERMINATED;
void world_must_plan(World *world, ...) G_GNUC_NULL_TERMINATED;
/* The whole effective config as text. */
char *world_report(World *world, bool settled);
VtObject *world_object(World *world, const char *key);
/* The value of a member as text, and its origin. */
char *world_value(World *world, const char *key, const char *member, bool settled);
VtOrigin world_origin(World *world, const char *key, const char *member);

#define world_assert_value(world, key, member, expected)                                                               \
    do {                                                                                                               \
        g_autofree char *value_ = world_value(world, key, member, true);                                               \
        g_assert_cmpstr(value_, ==, expected);                                                                         \
    } while (0)

#define world_assert_error(error, text)                                                                                \
    do {                                                                                                               \
        g_assert_nonnull(error);                                                                                       \
        if (!strstr((error)->message, text)) {                                                                         \
            g_error("'%s' is not in: %s", text, (error)->message);                                                     \
        }                                                                                                              \
    } while (0)

/* Log of realized (+) and unrealized (-) objects, in order; cleared by world_new(). */
extern GString *world_log;
/* Id of an object whose realize fails. */
extern const char *world_fails;
/* Results of the probes, and the number of their calls. */
extern VtAnswer world_fast, world_call;
