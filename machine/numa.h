/* SPDX-License-Identifier: MIT */
#pragma once

#include "vt-runtime/vm.h"

#define NODES_MAX 128

/* The number of a node. @n_before: the count of nodes before it, which is its number if the user sets none. */
unsigned vt_numa_number(const VtObject *object, unsigned n_before);
/* Checks the latencies, bandwidths and caches of the NUMA nodes, which exist. */
bool vt_numa_check_hmat(VtVm *vm, GError **error);
/* The node of CPU number @cpu; -1: there are no nodes. */
int vt_numa_node_of_cpu(VtVm *vm, unsigned cpu);
