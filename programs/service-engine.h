/* SPDX-License-Identifier: MIT */
/*
 * A program whose VM an engine may run.  The functions are those of vt-engine/engine.h: a program without engines links
 * none of them.
 */
#pragma once

#include "service-privilege.h"
#include "service.h"
#include "vt-runtime/monitor.h"

struct VtEngine;
struct VtEngineOptions;
struct VtEngineHost;
struct VtEngineStart;

struct ServiceEngineOps {
    struct VtEngine *(*make)(const VtProgram *program, const struct VtEngineOptions *options);
    void (*free)(struct VtEngine *engine);
    bool (*choose)(struct VtEngine *engine, const VtVm *vm, bool *ret_chosen, GError **error);
    bool (*load)(struct VtEngine *engine, const VtSchema *schema, const char **ret_release, GError **error);
    bool (*prepare)(struct VtEngine *engine, VtCommandLine *line, VtVm *vm, const struct VtEngineHost *host,
                    GError **error);
    bool (*start)(struct VtEngine *engine, VtService *service, const struct VtEngineStart *start, GError **error);
    bool (*serve)(struct VtEngine *engine, GError **error);
    bool (*started)(const struct VtEngine *engine);
    bool (*check)(const struct VtEngine *engine, GError **error);
    int (*exit_status)(const struct VtEngine *engine);
};

typedef struct ServiceEngine ServiceEngine;

/* Chooses whether an engine runs the VM.  If so, plans @line again, with default devices, and replaces *vm and
 * *notice.  *ret_engine: NULL if @ops is NULL. */
bool service_engine_choose(const ServiceEngineOps *ops, const ServiceOptions *options, VtCommandLine *line, VtVm **vm,
                           char **notice, ServiceEngine **ret_engine, GError **error);
void service_engine_free(ServiceEngine *self); /* NULL is a no-op */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ServiceEngine, service_engine_free)
/* Whether an engine runs the VM.  @self may be NULL. */
bool service_engine_runs(const ServiceEngine *self);
/* The VtEngine for VtService.engine; NULL: the program has none. */
void *service_engine_inner(const ServiceEngine *self);
/* Starts the engine, if one runs the VM.  @kept: descriptors for it, of int.  @line, @opaque: see VtEngineStart. */
bool service_engine_start(ServiceEngine *self, VtService *service, const ServicePrivilege *privilege,
                          const GArray *kept, void (*line)(void *opaque, const char *line), void *opaque,
                          GError **error);
/* Runs the main loop until the engine has started or *@stopping is true. */
bool service_engine_wait(const ServiceEngine *self, const bool *stopping, GError **error);
/* The exit status of the program, after the engine has ended. */
int service_engine_exit_status(const ServiceEngine *self);
