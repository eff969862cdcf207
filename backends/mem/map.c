/* SPDX-License-Identifier: MIT */
#include "map.h"

#include <errno.h>
#include <linux/magic.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

#ifndef MAP_SHARED_VALIDATE
#define MAP_SHARED_VALIDATE 0x03
#endif
#ifndef MAP_SYNC
#define MAP_SYNC 0x80000
#endif

#define MANY_PREFERRED 5 /* MPOL_PREFERRED_MANY of Linux 5.15; older headers lack it */
#define MASK_BITS      (8 * sizeof(unsigned long))
#define MASK_WORDS     4
#define POLICY_MAX     64                  /* size of the buffer for overcommit_memory */
#define TRANSPARENT    (UINT64_C(2) << 20) /* alignment of a transparent huge page */

/* ---- pages --------------------------------------------------------------------------------------------- */

size_t
vt_memory_page_size(int fd)
{
    struct statfs stat;

    if (fd >= 0 && fstatfs(fd, &stat) == 0 && stat.f_type == HUGETLBFS_MAGIC) {
        return (size_t)stat.f_bsize;
    }
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* With overcommit_memory=2 the kernel accounts each private page, and ignores MAP_NORESERVE. */
static bool
check_unreserved(const VtMemory *memory, GError **error)
{
    g_autofree char *text = NULL;
    size_t size;
    bool counted = memory->fd < 0 || (!memory->shared && !memory->read_only);

    if (!counted || memory->page_size != (size_t)sysconf(_SC_PAGESIZE)) {
        return true;
    }
    text = vt_file_read("/proc/sys/vm/overcommit_memory", POLICY_MAX, &size, NULL);
    if (text && text[0] == '2') {
        return vt_error_set(
            error,
            "reserve: 'off' has no effect on a host that never overcommits (/proc/sys/vm/overcommit_memory is 2)");
    }
    return true;
}

/* ---- addresses ----------------------------------------------------------------------------------------- */

static bool
no_room(uint64_t size, int number, GError **error)
{
    return vt_error_set(error, "size: %" G_GUINT64_FORMAT " bytes cannot be mapped: %s", size, g_strerror(number));
}

/* Reserves @size bytes of address space at a multiple of @align, followed by a guard page. */
static char *
take_addresses(VtMapping *mapping, uint64_t size, uint64_t align, size_t guard, GError **error)
{
    uint64_t all;
    char *start, *base;

    if (__builtin_add_overflow(size, align, &all) || __builtin_add_overflow(all, guard, &all)) {
        no_room(size, ENOMEM, error);
        return NULL;
    }
    start = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) {
        no_room(size, errno, error);
        return NULL;
    }
    base = start + (-(uintptr_t)start & (align - 1));
    if (base > start) {
        munmap(start, (size_t)(base - start));
    }
    munmap(base + size + guard, (size_t)(start + all - (base + size + guard)));
    *mapping = (VtMapping){base, size + guard};
    return base;
}

static int
mapping_flags(const VtMemory *memory, const VtMemorySource *source, bool reserve)
{
    int flags = MAP_FIXED | (memory->shared ? MAP_SHARED : MAP_PRIVATE);

    if (source->sync && memory->shared) {
        flags = MAP_FIXED | MAP_SHARED_VALIDATE | MAP_SYNC;
    }
    return flags | (memory->fd < 0 ? MAP_ANONYMOUS : 0) | (reserve ? 0 : MAP_NORESERVE);
}

bool
vt_mapping_open(VtMapping *mapping, VtMemory *memory, const VtMemorySource *source, bool reserve, GError **error)
{
    uint64_t align = MAX(source->align, memory->page_size);
    int protection = memory->read_only ? PROT_READ : PROT_READ | PROT_WRITE;

    if (!reserve && !check_unreserved(memory, error)) {
        return false;
    }
    if (__builtin_add_overflow(memory->size, memory->page_size - 1, &memory->mapped)) {
        return no_room(memory->size, ENOMEM, error);
    }
    memory->mapped &= ~(uint64_t)(memory->page_size - 1);
    if (memory->mapped >= TRANSPARENT) {
        align = MAX(align, TRANSPARENT);
    }
    memory->base = take_addresses(mapping, memory->mapped, align, (size_t)sysconf(_SC_PAGESIZE), error);
    if (!memory->base) {
        return false;
    }
    if (mmap(memory->base, memory->mapped, protection, mapping_flags(memory, source, reserve), memory->fd,
             (off_t)memory->offset) == MAP_FAILED) {
        int number = errno;

        vt_mapping_close(mapping);
        if (source->sync && memory->shared && (number == EOPNOTSUPP || number == EINVAL)) {
            return vt_error_set(error, "pmem: the file is not on persistent memory that supports DAX");
        }
        return no_room(memory->size, number, error);
    }
    madvise(memory->base, memory->mapped, MADV_HUGEPAGE);
    return true;
}

void
vt_mapping_close(VtMapping *mapping)
{
    munmap(mapping->start, mapping->size);
    *mapping = (VtMapping){NULL, 0};
}

/* ---- NUMA policy --------------------------------------------------------------------------------------- */

static long
bind_pages(const VtMemory *memory, int mode, const unsigned long *mask)
{
    /* The kernel uses one bit less than maxnode. */
    return syscall(SYS_mbind, memory->base, memory->mapped, mode, mask, MASK_WORDS * MASK_BITS + 1,
                   MPOL_MF_STRICT | MPOL_MF_MOVE);
}

bool
vt_mapping_bind(const VtMemory *memory, VtHostMemPolicy policy, const uint16_t *nodes, size_t n_nodes, GError **error)
{
    static const struct {
        int mode;
        const char *name;
    } modes[] = {
        [VT_HOST_MEM_POLICY_DEFAULT] = {MPOL_DEFAULT, "default"},
        [VT_HOST_MEM_POLICY_PREFERRED] = {MANY_PREFERRED, "preferred"},
        [VT_HOST_MEM_POLICY_BIND] = {MPOL_BIND, "bind"},
        [VT_HOST_MEM_POLICY_INTERLEAVE] = {MPOL_INTERLEAVE, "interleave"},
    };
    unsigned long mask[MASK_WORDS] = {0};
    long result;

    for (size_t i = 0; i < n_nodes; i++) {
        g_assert(nodes[i] < MASK_WORDS * MASK_BITS);
        mask[nodes[i] / MASK_BITS] |= 1ul << (nodes[i] % MASK_BITS);
    }
    result = bind_pages(memory, modes[policy].mode, mask);
    if (result && errno == EINVAL && policy == VT_HOST_MEM_POLICY_PREFERRED) {
        /* Kernels before 5.15 support only one preferred node, the first. */
        result = bind_pages(memory, MPOL_PREFERRED, mask);
    }
    if (result) {
        return vt_error_set(error, "host-nodes: policy '%s' cannot be set for them: %s", modes[policy].name,
                            g_strerror(errno));
    }
    return true;
}
