/* SPDX-License-Identifier: MIT */
#include "vt-runtime/main-thread.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <glib.h>

void
vt_assert_main(void)
{
    static _Thread_local signed char is_main = -1;

    if (is_main < 0) {
        is_main = syscall(SYS_gettid) == getpid();
    }
    g_assert(is_main);
}
