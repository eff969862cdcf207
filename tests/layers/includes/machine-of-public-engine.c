/* SPDX-License-Identifier: MIT */
#include "vt-engine/client.h"
