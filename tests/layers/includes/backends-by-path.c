/* SPDX-License-Identifier: MIT */
#include "hw/include/vt-hw/pci.h"
