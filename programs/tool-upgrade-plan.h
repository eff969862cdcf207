/* SPDX-License-Identifier: MIT */
/*
 * The upgrade of a VM to another version of its machine or of the platform: what changes, and what keeps it.
 */
#pragma once

#include "vt-runtime/diff.h"
#include "vt-runtime/options.h"

typedef enum UpgradeFate {
    UPGRADE_KEPT,     /* the new file pins the old value */
    UPGRADE_ACCEPTED, /* the guest sees the new value */
    UPGRADE_FIXED,    /* no option keeps the old value, and the user did not accept the new one */
    UPGRADE_HOST,     /* the guest does not see it */
    UPGRADE_N_FATES
} UpgradeFate;

typedef struct Upgrade {
    VtCommandLine *placed; /* vt_command_line_placed() */
    json_object *config;   /* the user's values with the new versions, without pins */
    VtVm *before, *after;  /* @after: without pins */
    VtOverrides rest;      /* of plans of the new file */
    GArray *changes;       /* of VtDiff */
    GArray *fates;         /* of UpgradeFate, by change */
} Upgrade;

/* Plans the upgrade of @line, whose versions are those of @from, to @machine (NULL: the newest version) and @platform
 * (NULL: that of @line).  Each change that the guest sees is kept, if an option keeps it. */
bool upgrade_plan(Upgrade *self, VtCommandLine *line, const VtOverrides *from, const char *machine,
                  const char *platform, GError **error);
void upgrade_clear(Upgrade *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Upgrade, upgrade_clear)

/* Accepts what the guest sees of the change. */
void upgrade_accept(Upgrade *self, guint index);
UpgradeFate upgrade_fate(const Upgrade *self, guint index);
guint upgrade_count(const Upgrade *self, UpgradeFate fate);
/* The changes with the fate: an array of VtDiff that borrows from @self, which the caller frees. */
GArray *upgrade_changes_new(const Upgrade *self, UpgradeFate fate);
/* The new file, a new reference, and *ret_vm, its plan, which the caller frees.  Fails if values that are kept do not
 * work with those that are accepted. */
json_object *upgrade_file(const Upgrade *self, VtVm **ret_vm, GError **error);
