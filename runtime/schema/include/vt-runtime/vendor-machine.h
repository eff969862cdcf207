/* SPDX-License-Identifier: MIT */
/*
 * Machines of vendors, from machine overlays and tables of boards: a name, the machine from which it differs, the
 * defaults that differ, and objects that it has.
 * vt_schema_load() of input.h reads them from files.
 */
#pragma once

#include "vt-runtime/schema.h"

typedef struct VtVendorDefault {
    char *driver, *property, *value, *why;
} VtVendorDefault;

struct VtVendorMachine {
    char *name;
    char *builtin; /* the name of the machine version below all overlays, which other programs know */
    char *where;   /* the file */
    char *alias;   /* another name, or NULL */
    char *doc;     /* NULL: that of its base */
    char *creates; /* JSON text of the list of templates, or NULL */
    const VtClassInfo *family;
    uint16_t version;
    const VtVendorMachine *base; /* the overlay from which it differs; NULL: it differs from @builtin */
    VtVendorDefault *defaults;
    size_t n_defaults;
};

/* Creates a machine without defaults, for as many as @n_defaults.  All arguments are copied. */
VtVendorMachine *vt_vendor_machine_new(const char *name, const char *where, const VtMachineName *base,
                                       size_t n_defaults);
void vt_vendor_machine_free(VtVendorMachine *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtVendorMachine, vt_vendor_machine_free)
void vt_vendor_machine_add_default(VtVendorMachine *machine, const char *driver, const char *property,
                                   const char *value, const char *why);
/* Of a board.  All arguments are copied, and may be NULL. */
void vt_vendor_machine_set_board(VtVendorMachine *machine, const char *alias, const char *doc, const char *creates);
/* Makes the name known, and takes ownership of @machine.  No machine may have the name. */
void vt_schema_add_vendor_machine(const VtSchema *schema, VtVendorMachine *machine);
/* The machine after @before (NULL: the first) of @family (NULL: of any); NULL: there are no more. */
const VtVendorMachine *vt_vendor_machine_next(const VtSchema *schema, const VtClassInfo *family,
                                              const VtVendorMachine *before);
/* Describes the machine for lists; the caller frees it. */
char *vt_vendor_machine_doc(const VtVendorMachine *machine);
/* The name that @machine has in programs that do not know overlays. Borrowed from @machine. */
const char *vt_machine_builtin_name(const VtMachineName *machine);

/* Returns a copy that is freed with the schema. */
const char *vt_schema_keep_text(const VtSchema *schema, const char *text);

/* Files of platform overlays, by the names that they state. vt_schema_add_platform_file() returns false for a name that
 * a version or another file has. vt_schema_platform_file() returns NULL for an unknown name. */
bool vt_schema_add_platform_file(const VtSchema *schema, const char *name, const char *path);
const char *vt_schema_platform_file(const VtSchema *schema, const char *name);
/* The names, sorted and NULL-terminated. The caller frees the array, and the names are borrowed. */
const char **vt_schema_platform_names(const VtSchema *schema);
