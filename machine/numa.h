/* SPDX-License-Identifier: MIT */
#pragma once

#include "vt-runtime/vm.h"

/* Checks the latencies, bandwidths and caches of the NUMA nodes, which exist. */
bool vt_numa_check_hmat(VtVm *vm, GError **error);
/* The node of CPU number @cpu; -1: there are no nodes. */
int vt_numa_node_of_cpu(VtVm *vm, unsigned cpu);
