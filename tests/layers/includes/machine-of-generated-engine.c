/* SPDX-License-Identifier: MIT */
#include "vt-gen/engine.h"
