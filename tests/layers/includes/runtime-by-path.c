/* SPDX-License-Identifier: MIT */
#include "machine/smp.h"
