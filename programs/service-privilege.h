/* SPDX-License-Identifier: MIT */
/*
 * Privileges that the process drops when all resources are open, and exit-with-parent.
 */
#pragma once

#include <sys/types.h>

#include "vt-gen/runtime.h"

typedef struct ServicePrivilege ServicePrivilege;

/* Looks up the user and opens the directory of @options, which must outlive the result.  Changes no state of the
 * process.  @parent: the parent process when the program started. */
ServicePrivilege *service_privilege_new(const VtRunWithOptions *options, pid_t parent, GError **error);
void service_privilege_free(ServicePrivilege *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ServicePrivilege, service_privilege_free)

/* Returns false if the user does not change. */
bool service_privilege_user(const ServicePrivilege *self, uid_t *ret_uid, gid_t *ret_gid);
/* With exit-with-parent=on: the process gets SIGTERM when its parent ends, or now if the parent has ended.  The kernel
 * clears this setting when the user changes, so call it again after that. */
bool service_privilege_follow_parent(const ServicePrivilege *self, GError **error);
/* Changes the root directory, then the groups and the user of all threads.  Verifies that the change is permanent. */
bool service_privilege_drop(ServicePrivilege *self, GError **error);
