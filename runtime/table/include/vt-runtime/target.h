/* SPDX-License-Identifier: MIT */
/*
 * Targets: architectures of guests, as bits of a mask in the tables.
 */
#pragma once

enum {
    VT_TARGET_X86_64 = 1 << 0,
    VT_TARGET_I386 = 1 << 1,
    VT_TARGET_AARCH64 = 1 << 2,
    VT_TARGET_ARM = 1 << 3,
    VT_TARGET_S390X = 1 << 4,
    VT_TARGET_PPC64 = 1 << 5,
    VT_TARGET_PPC = 1 << 6,
    VT_TARGET_M68K = 1 << 7,
    VT_TARGET_RISCV64 = 1 << 8,
    VT_TARGET_RISCV32 = 1 << 9,
    VT_TARGET_MIPS = 1 << 10,
    VT_TARGET_MIPSEL = 1 << 11,
    VT_TARGET_MIPS64 = 1 << 12,
    VT_TARGET_MIPS64EL = 1 << 13,
    VT_N_TARGETS = 14,
};
