/* SPDX-License-Identifier: MIT */
/*
 * File descriptors that the process inherits.  It keeps those that the command line names.  All others are closed,
 * because they could bypass the confinement of the process.
 */
#pragma once

#include "service.h"

typedef struct ServiceDescriptors ServiceDescriptors;

/* Records the open descriptors.  Call it before the process opens others. */
ServiceDescriptors *service_descriptors_new(void);
void service_descriptors_free(ServiceDescriptors *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ServiceDescriptors, service_descriptors_free)

/* The inherited descriptors that the command line names, of int; the caller frees the array. */
GArray *service_descriptors_named(const ServiceDescriptors *self, const VtProgram *program, const VtCommandLine *line,
                                  VtVm *vm);

/* Closes the recorded descriptors.  It keeps standard input and output, descriptors of the service manager
 * (LISTEN_FDS), and those that the command line names: by a member that the schema marks as a descriptor, or by a path
 * in /dev/fd. */
bool service_descriptors_close(const ServiceDescriptors *self, const VtProgram *program, const VtCommandLine *line,
                               VtVm *vm, GError **error);

/* Moves the descriptors of -add-fd to their sets (vt-runtime/fdset.h).  Fails if the process did not inherit one. */
bool service_descriptors_add_sets(const ServiceDescriptors *self, const VtCommandLine *line,
                                  const ServiceOptions *options, GError **error);
