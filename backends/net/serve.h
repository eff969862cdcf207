/* SPDX-License-Identifier: MIT */
#pragma once

#include "vt-runtime/ops.h"

/* Serves a network backend: each frame is a datagram. */
extern const VtServeOps vt_net_serve;
