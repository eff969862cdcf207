/* SPDX-License-Identifier: MIT */
#include "vt-gen/machine.h"
