/* SPDX-License-Identifier: MIT */
/*
 * The rights that the process gives up once everything is open, and the parent that it ends with.
 */
#pragma once

#include <sys/types.h>

#include "vt-gen/runtime.h"

typedef struct ServicePrivilege ServicePrivilege;

/* Looks up the user and opens the directory of @options, which must outlive it; nothing of the process changes.
 * @parent: the parent process when the program started. */
ServicePrivilege *service_privilege_new(const VtRunWithOptions *options, pid_t parent, GError **error);
void service_privilege_free(ServicePrivilege *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ServicePrivilege, service_privilege_free)

/* With exit-with-parent=on: SIGTERM comes when the parent ends, at once where it has ended already.  A change of the
 * user makes the kernel forget this: call it again after that. */
bool service_privilege_follow_parent(const ServicePrivilege *self, GError **error);
/* Changes the root directory, then the groups and the user of all threads, and proves that there is no way back. */
bool service_privilege_drop(ServicePrivilege *self, GError **error);
