/* SPDX-License-Identifier: MIT */
#include "vt-hw/pci.h"
