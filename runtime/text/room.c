/* SPDX-License-Identifier: MIT */
#include "text/room.h"

#include <stdint.h>
#include <sys/mman.h>

#define RESERVE ((size_t)4 << 20)

bool
vt_room_has(size_t size)
{
    size_t all;
    void *start;

    if (__builtin_add_overflow(size, RESERVE, &all)) {
        return false;
    }
    /* The kernel checks the limits of the process and of overcommitted memory, and allocates no page. */
    start = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) {
        return false;
    }
    munmap(start, all);
    return true;
}
