/* SPDX-License-Identifier: MIT */
/*
 * The tree of devices as the human monitor of an engine prints it ('info qtree'): the values of many properties in one
 * answer.  QEMU reads requests byte by byte, so that a request for each value takes long.
 */
#pragma once

#include <stdbool.h>

#include <json-c/json_types.h>

#include "vt-runtime/object.h"

#define ENGINE_QTREE "info qtree"

typedef struct EngineQtree EngineQtree;

EngineQtree *engine_qtree_new(const char *text);
void engine_qtree_free(EngineQtree *tree); /* NULL is a no-op */
/* Whether the tree shows @value as that of the property @name of the device.  If not, the value may still be the same:
 * the tree has not all devices and properties, and not all forms of values are known here. */
bool engine_qtree_shows(const EngineQtree *tree, const VtObject *device, const char *name, json_object *value);
