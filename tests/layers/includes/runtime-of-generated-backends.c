/* SPDX-License-Identifier: MIT */
#include "vt-gen/backends.h"
