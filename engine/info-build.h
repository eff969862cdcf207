/* SPDX-License-Identifier: MIT */
/*
 * Builds the block of an info (info-format.h).
 */
#pragma once

#include <json-c/json_types.h>

#include "info-format.h"

#include <glib.h>

typedef struct InfoBuild {
    GByteArray *block;
    GHashTable *texts; /* text to its offset */
    GHashTable *lists; /* bytes of a list of properties to its offset */
    GArray *types;     /* of InfoType */
    GArray *machines;  /* of InfoMachine */
} InfoBuild;

void info_build_init(InfoBuild *build);
void info_build_clear(InfoBuild *build);
/* Returns the offset of @text, which the block has once; 0 for NULL. */
uint32_t info_build_text(InfoBuild *build, const char *text);
/* Adds a type without properties. @parent may be NULL. */
void info_build_type(InfoBuild *build, const char *name, const char *parent, uint32_t flags);
/* Sets the properties of the type @index: @reply is that of device-list-properties or qom-list-properties. */
void info_build_props(InfoBuild *build, guint index, json_object *reply);
/* Adds a machine: @machine is an element of the reply of query-machines. */
void info_build_machine(InfoBuild *build, json_object *machine);
/* Adds a sorted list of the texts that the member @member of each element of @reply has. */
InfoList info_build_names(InfoBuild *build, json_object *reply, const char *member);
/* Ends the block. @head has the members that are not set yet. Returns it, owned by the caller. */
GByteArray *info_build_end(InfoBuild *build, InfoHead *head);
