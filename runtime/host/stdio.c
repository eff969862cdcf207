/* SPDX-License-Identifier: MIT */
#include "vt-runtime/stdio.h"

#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

static const char *holder; /* NULL: not claimed */

bool
vt_stdio_claim(const char *who, GError **error)
{
    vt_assert_main();
    if (holder) {
        return vt_error_set(error, "standard input and output are in use by %s", holder);
    }
    holder = who;
    return true;
}

void
vt_stdio_release(void)
{
    vt_assert_main();
    holder = NULL;
}
