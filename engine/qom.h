/* SPDX-License-Identifier: MIT */
/*
 * The object tree of a QEMU, over QMP.
 */
#pragma once

#include "vt-engine/client.h"

/* {"path": @path, "property": @property}, a new reference; @property may be NULL. */
json_object *engine_qom_at(const char *path, const char *property);

typedef struct EngineQomEntry {
    char *name, *type;  /* type: of QOM, as "uint32" or "child<virtio-rng-pci>" */
    char *child;        /* the type of a child; NULL: it is none */
    json_object *value; /* engine_qom_read() sets it; NULL: it is not read, or the QEMU refuses it */
} EngineQomEntry;

/* Returns an array of EngineQomEntry, the properties and children of the object at @path, which the caller frees. It is
 * empty if there is no such object. NULL and @error: the connection is lost. */
GArray *engine_qom_list(VtEngineClient *client, const char *path, GError **error);
/* Reads the values of @entries, the object at @path. */
bool engine_qom_read(VtEngineClient *client, const char *path, GArray *entries, GError **error);
