/* SPDX-License-Identifier: MIT */
/* Reaches into the layer above by a declaration of its own, as a header would not let it. */
#include "vt-runtime/table.h"

extern const VtLayer vt_layer_hw;
const char *upward(void);

const char *
upward(void)
{
    return vt_layer_hw.name;
}
