/* SPDX-License-Identifier: MIT */
#pragma once

/* Asserts that the caller is on the main thread. */
void vt_assert_main(void);
