/* SPDX-License-Identifier: MIT */
/*
 * What most files of a layer include.  A build with -Djoined=true compiles it once per layer, for all files of the
 * layer.
 */
#include <glib.h>
#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

#if VT_LAYER == 1
#include "vt-gen/backends.h"
#elif VT_LAYER == 2
#include "vt-gen/hw.h"
#elif VT_LAYER == 3
#include "vt-gen/machine.h"
#endif
