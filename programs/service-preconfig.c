/* SPDX-License-Identifier: MIT */
#include "service-preconfig.h"

#include "vt-runtime/await.h"

void
service_preconfig_serve(VtService *service, const bool *stopping)
{
    service->preconfig = true;
    vt_service_release(service);
    while (!*stopping && !service->leaving) {
        g_main_context_iteration(NULL, TRUE);
    }
}

void
service_preconfig_end(VtService *service)
{
    service->preconfig = false;
    if (service->state == VT_SERVICE_RUNNING) {
        vt_service_event(service, "RESUME", 0, NULL);
    }
    service_preconfig_abandon(service);
}

void
service_preconfig_abandon(VtService *service)
{
    if (service->leaving) {
        vt_await_answered(service->leaving);
        service->leaving = NULL;
    }
}
