/* SPDX-License-Identifier: MIT */
#include "vt-gen/hw.h"
