/* SPDX-License-Identifier: MIT */
/*
 * Asynchronous teardown: a second process shares the memory of this one and outlives it.  So this process ends at once,
 * and the kernel releases the memory afterwards.
 *
 * The second process is named "vt-teardown".  Its only descriptor is a pidfd of this process.  It blocks all signals
 * but SIGKILL and SIGSTOP, and may use only the system calls to wait and exit.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Call it after the change of the user, because the second process inherits the current credentials. */
bool service_teardown_start(GError **error);
