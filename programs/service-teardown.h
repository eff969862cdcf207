/* SPDX-License-Identifier: MIT */
/*
 * Asynchronous teardown: a second process shares the memory of this one and outlives it, so that this one ends at once
 * and the kernel releases the memory afterwards.
 *
 * The second process is called "vt-teardown".  It has no descriptor but one that names this process, takes no signal
 * but SIGKILL and SIGSTOP, and can make no system call but those that it waits and ends by.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Call it after the change of the user: the second process has the rights of this moment. */
bool service_teardown_start(GError **error);
