/* SPDX-License-Identifier: MIT */
/*
 * '-preconfig': clients complete the configuration before the machine exists.
 */
#pragma once

#include "vt-runtime/monitor.h"
#include "vt-runtime/options.h"

typedef struct ServicePreconfig ServicePreconfig;

/* @service and @line, which plans its VM, must outlive it. @life: the check of what commands set; warnings are
 * printed.  @notice: printed about the first plan, or NULL; borrowed.  @planned: called when the VM is planned again;
 * NULL: nothing to do. */
ServicePreconfig *service_preconfig_new(VtService *service, VtCommandLine *line, const VtLifeCheck *life,
                                        const char *notice, void (*planned)(VtVm *vm));
void service_preconfig_free(ServicePreconfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ServicePreconfig, service_preconfig_free)

/* Serves commands until a client sends x-exit-preconfig, or @stopping.  Monitors are open.  Then plans the VM with all
 * that they have set and created. */
bool service_preconfig_serve(ServicePreconfig *self, const bool *stopping, GError **error);
/* Completes the request that ended service_preconfig_serve(): the machine exists. */
void service_preconfig_end(VtService *service);
/* Frees the request that ends the phase, if there is one, after its client. */
void service_preconfig_abandon(VtService *service);
