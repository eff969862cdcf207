/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that the process got from who started it.  Those that its command line names are for it; the others are
 * somebody's mistake, and a way out of every confinement.
 */
#pragma once

#include "vt-runtime/options.h"

typedef struct ServiceDescriptors ServiceDescriptors;

/* Notes those that are open; call it before anything opens more. */
ServiceDescriptors *service_descriptors_new(void);
void service_descriptors_free(ServiceDescriptors *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ServiceDescriptors, service_descriptors_free)

/* Closes those that are noted, but for standard input and outputs, what the service manager hands over (LISTEN_FDS),
 * and what is named: by a member that the schema marks as a descriptor, or by a path in /dev/fd. */
bool service_descriptors_close(const ServiceDescriptors *self, const VtProgram *program, const VtCommandLine *line,
                               VtVm *vm, GError **error);
