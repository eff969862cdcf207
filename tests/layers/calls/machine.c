/* SPDX-License-Identifier: MIT */
/* Calls the layer above, with its own declaration instead of the header. */
#include "vt-runtime/table.h"

extern const VtLayer vt_layer_engine;
const char *upward(void);

const char *
upward(void)
{
    return vt_layer_engine.name;
}
