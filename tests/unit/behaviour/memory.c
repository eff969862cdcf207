/* SPDX-License-Identifier: MIT */
/* Memory backends with mapped memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "../../../backends/mem/memory.h"

#include "backends.h"

#define MIB  (1 << 20)
#define PAGE 4096

static const VtMemory *
memory_of(TestVm *vm, const char *text)
{
    const VtMemory *memory = vt_memory_get(test_vm_object(vm, text, "m"));

    g_assert_nonnull(memory);
    return memory;
}

static size_t
resident(const VtMemory *memory)
{
    size_t n = memory->mapped / PAGE, found = 0;
    g_autofree unsigned char *pages = g_malloc0(n);

    g_assert_cmpint(mincore(memory->base, memory->mapped, pages), ==, 0);
    for (size_t i = 0; i < n; i++) {
        found += pages[i] & 1;
    }
    return found;
}

/* Returns whether the kernel's flags of the mapping at @base include @flag. */
static bool
has_flag(const VtMemory *memory, const char *flag)
{
    g_autofree char *smaps = NULL, *start = g_strdup_printf("%zx-", (size_t)memory->base);
    const char *flags;

    g_assert_true(g_file_get_contents("/proc/self/smaps", &smaps, NULL, NULL));
    flags = strstr(strstr(smaps, start), "VmFlags:");
    return g_strstr_len(flags, strchr(flags, '\n') - flags, flag);
}

VT_TEST(ram_is_zeroed_memory_of_its_size, "/memory/ram")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    const VtMemory *memory = memory_of(vm, "object memory-backend-ram,id=m,size=5000");
    char *bytes = memory->base;

    g_assert_cmpuint(memory->size, ==, 5000);
    g_assert_cmpuint(memory->mapped, ==, 2 * PAGE);
    g_assert_cmpuint(memory->page_size, ==, PAGE);
    g_assert_cmpint(memory->fd, ==, -1);
    g_assert_false(memory->shared || memory->read_only || memory->rom || memory->merge);
    g_assert_true(memory->dump);
    g_assert_cmpuint(resident(memory), ==, 0);
    for (size_t i = 0; i < memory->mapped; i++) {
        g_assert_cmpint(bytes[i], ==, 0);
        bytes[i] = 1;
    }
    test_vm_delete(vm, "m");
    memory = memory_of(vm, "object memory-backend-ram,id=m,size=4M");
    g_assert_cmpuint((uintptr_t)memory->base % (2 * MIB), ==, 0);
    g_assert_cmpuint(memory->mapped, ==, 4 * MIB);
}

VT_TEST(only_memory_is_memory, "/memory/get")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;

    g_assert_null(vt_memory_get(test_vm_object(vm, "object throttle-group,id=t", "t")));
    g_assert_true(test_vm_plan(vm, "object memory-backend-ram,id=m,size=1M", &error));
    g_assert_null(vt_memory_get(vt_vm_find(vm->vm, "object", "m")));
}

VT_TEST(a_guard_stands_behind_memory, "/memory/guard")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    const VtMemory *memory = memory_of(vm, "object memory-backend-ram,id=m,size=1M");
    int fds[2];

    /* The kernel reads the page for the test, and returns an error instead of a signal. */
    g_assert_cmpint(pipe(fds), ==, 0);
    g_assert_cmpint(write(fds[1], (char *)memory->base + MIB - 1, 1), ==, 1);
    g_assert_cmpint(write(fds[1], (char *)memory->base + MIB, 1), ==, -1);
    g_assert_cmpint(errno, ==, EFAULT);
    close(fds[0]);
    close(fds[1]);
}

VT_TEST(shared_memory_is_what_its_descriptor_holds, "/memory/share")
{
    static const char *const texts[] = {"object memory-backend-ram,id=m,size=1M,share=on",
                                        "object memory-backend-memfd,id=m,size=1M",
                                        "object memory-backend-memfd,id=m,size=1M,share=off"};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(TestVm) vm = test_vm_empty();
        const VtMemory *memory = memory_of(vm, texts[i]);
        bool shared = !strstr(texts[i], "share=off");
        char *other;

        g_assert_cmpint(memory->fd, >=, 0);
        g_assert_cmpint(memory->shared, ==, shared);
        other = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
        g_assert_true(other != MAP_FAILED);
        strcpy((char *)memory->base + 1000, "hello");
        g_assert_cmpstr(other + 1000, ==, shared ? "hello" : "");
        munmap(other, MIB);
    }
}

VT_TEST(a_memfd_is_sealed_unless_told_otherwise, "/memory/seal")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    const VtMemory *memory = memory_of(vm, "object memory-backend-memfd,id=m,size=1M");

    g_assert_cmpint(fcntl(memory->fd, F_GET_SEALS), ==, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
    g_assert_cmpint(ftruncate(memory->fd, 2 * MIB), ==, -1);
    g_assert_cmpint(errno, ==, EPERM);
    test_vm_delete(vm, "m");
    memory = memory_of(vm, "object memory-backend-memfd,id=m,size=1M,seal=off");
    g_assert_cmpint(fcntl(memory->fd, F_GET_SEALS), ==, F_SEAL_SEAL);
    g_assert_cmpint(ftruncate(memory->fd, 2 * MIB), ==, 0);
}

VT_TEST(huge_pages_are_had_or_refused, "/memory/hugetlb")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;

    test_vm_fails(vm, "object memory-backend-memfd,id=m,size=2M,hugetlb=on,hugetlbsize=3M", "3145728 is not a power");
    test_vm_fails(vm, "object memory-backend-memfd,id=m,size=2M,hugetlb=on,hugetlbsize=128k",
                  "hugetlbsize: the host does not support pages of 131072 bytes");
    if (access("/sys/kernel/mm/hugepages/hugepages-2048kB", F_OK) == 0) {
        test_vm_fails(vm, "object memory-backend-memfd,id=m,size=3M,hugetlb=on,hugetlbsize=2M",
                      "size: 3145728 is not a multiple of the huge page size 2097152");
        if (test_vm_start(vm, "object memory-backend-memfd,id=m,size=2M,hugetlb=on,hugetlbsize=2M", &error)) {
            g_assert_cmpuint(vt_memory_get(vt_vm_find(vm->vm, "object", "m"))->page_size, ==, 2 * MIB);
        } else {
            g_assert_nonnull(strstr(error->message, "size: 2097152 bytes cannot be mapped: "));
        }
    }
    /* Without hugetlb, the size of huge pages has no effect. */
    g_assert_cmpuint(memory_of(vm, "object memory-backend-memfd,id=m,size=1M,hugetlbsize=3M")->page_size, ==, PAGE);
}

VT_TEST_THREADS(prealloc_takes_every_page, "/memory/prealloc")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    const VtMemory *memory =
        memory_of(vm, "object memory-backend-ram,id=m,size=65M,prealloc=on,prealloc-threads=4000000000");

    g_assert_cmpuint(resident(memory), ==, memory->mapped / PAGE);
    test_vm_delete(vm, "m");
    memory = memory_of(vm, "object memory-backend-memfd,id=m,size=3M,prealloc=on");
    g_assert_cmpuint(resident(memory), ==, memory->mapped / PAGE);
    test_vm_delete(vm, "m");

    for (int shared = 0; shared < 2; shared++) {
        memory = memory_of(vm, shared ? "object memory-backend-ram,id=m,size=33M,share=on"
                                      : "object memory-backend-ram,id=m,size=33M");
        strcpy((char *)memory->base + PAGE, "stays");
        g_assert_true(vt_memory_populate(memory, 2, VT_POPULATE_TOUCHING, NULL, &error));
        g_assert_cmpuint(resident(memory), ==, memory->mapped / PAGE);
        g_assert_cmpstr((char *)memory->base + PAGE, ==, "stays");
        test_vm_delete(vm, "m");
    }
}

VT_TEST(reserve_off_sets_no_swap_aside, "/memory/reserve")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *overcommit = NULL;

    if (g_file_get_contents("/proc/sys/vm/overcommit_memory", &overcommit, NULL, NULL) && overcommit[0] == '2') {
        test_vm_fails(vm, "object memory-backend-ram,id=m,size=1M,reserve=off", "reserve: off is of no effect");
        return;
    }
    g_assert_true(has_flag(memory_of(vm, "object memory-backend-ram,id=m,size=1M,reserve=off"), " nr"));
    test_vm_delete(vm, "m");
    g_assert_false(has_flag(memory_of(vm, "object memory-backend-ram,id=m,size=1M"), " nr"));
}

VT_TEST(the_user_decides_what_the_backend_leaves_open, "/memory/claim")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    VtObject *user = test_vm_object(vm, "object rng-builtin,id=u", "u");
    VtClaim claim = {.merge = -1, .dump = 0, .share = true};
    VtRef ref = {.id = (char *)"m"};
    const VtMemory *memory;

    ref.target = test_vm_object(vm, "object memory-backend-ram,id=m,size=1M", "m");
    memory = vt_memory_get(ref.target);
    g_assert_false(has_flag(memory, " dd"));
    g_assert_true(vt_backend_claim(user, &ref, &claim, &error));
    g_assert_true(has_flag(memory, " dd"));
    g_assert_false(memory->dump || memory->merge);
    claim.merge = 1;
    g_assert_true(vt_backend_claim(user, &ref, &claim, &error));
    g_assert_true(memory->merge);
    test_vm_delete(vm, "m");
    /* The configuration overrides the claim. */
    ref.target = test_vm_object(vm, "object memory-backend-ram,id=m,size=1M,dump=on,merge=off", "m");
    memory = vt_memory_get(ref.target);
    g_assert_true(vt_backend_claim(user, &ref, &claim, &error));
    g_assert_false(has_flag(memory, " dd") || memory->merge || !memory->dump);
}

static void
assert_machine_decides(const char *machine, const char *backend, const char *name, bool merge, bool dump)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *whole = g_strconcat(machine, ",memory-backend=m,memory.size=2M", NULL);
    g_autofree char *text = g_strdup_printf("object %s,id=m,size=2M", backend);
    g_autoptr(TestVm) vm = test_vm_new(whole, &error);
    const VtMemory *memory;

    g_assert_no_error(error);
    memory = vt_memory_get(test_vm_object(vm, text, "m"));
    g_assert_cmpstr(memory->name, ==, name);
    g_assert_true(memory->merge == merge && memory->dump == dump);
    g_assert_true(has_flag(memory, " dd") == !dump);
    g_assert_false(vt_vm_delete(vm->vm, "object", "m", &error));
    g_assert_nonnull(strstr(error->message, "in use by"));
}

VT_TEST(memory_is_treated_as_the_machine_that_uses_it_says, "/memory/machine")
{
    assert_machine_decides("pc-q35-9.0", "memory-backend-memfd", "m", true, true);
    assert_machine_decides("pc-q35-9.0,mem-merge=off,dump-guest-core=off", "memory-backend-memfd", "m", false, false);
    assert_machine_decides("pc-q35-9.0,mem-merge=off,dump-guest-core=off", "memory-backend-ram,merge=on,dump=on", "m",
                           true, true);
    assert_machine_decides("pc-q35-4.0", "memory-backend-memfd", "m", true, true);
    assert_machine_decides("pc-q35-3.1", "memory-backend-memfd", "/objects/m", true, true);
    assert_machine_decides("pc-q35-3.1", "memory-backend-ram", "m", true, true);
    assert_machine_decides("pc-q35-3.1", "memory-backend-memfd,x-use-canonical-path-for-ramblock-id=off", "m", true,
                           true);
    assert_machine_decides("pc-i440fx-9.0", "memory-backend-ram,x-use-canonical-path-for-ramblock-id=on", "/objects/m",
                           true, true);
}

VT_TEST(nodes_of_the_host_are_bound_or_refused, "/memory/policy")
{
    static const char *const policies[] = {"bind", "preferred", "interleave"};
    g_autoptr(TestVm) vm = test_vm_empty();

    for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
        g_autofree char *good =
            g_strdup_printf("object memory-backend-ram,id=m,size=1M,host-nodes.0=0,policy=%s", policies[i]);
        g_autofree char *bad =
            g_strdup_printf("object memory-backend-ram,id=m,size=1M,host-nodes.0=127,policy=%s", policies[i]);
        g_autofree char *message = g_strdup_printf("host-nodes: policy '%s' cannot be set for them: ", policies[i]);
        g_autoptr(GError) error = NULL;

        if (test_vm_start(vm, good, &error)) {
            test_vm_delete(vm, "m");
        } else {
            /* Some containers forbid it. */
            g_assert_nonnull(strstr(error->message, message));
        }
        test_vm_fails(vm, bad, message);
    }
    test_vm_fails(vm, "object rng-builtin,id=r\nobject memory-backend-ram,id=m,size=1M,prealloc-context=/objects/r",
                  "prealloc-context: '/objects/r' is not a thread context");
}

VT_TEST(impossible_sizes_are_errors, "/memory/sizes")
{
    g_autoptr(TestVm) vm = test_vm_empty();

    test_vm_fails(vm, "object memory-backend-ram,id=m,size=9223372036854775807", "size: 922337203685477");
    test_vm_fails(vm, "object memory-backend-memfd,id=m,size=9223372036854775807",
                  "size: 9223372036854775808 bytes cannot be mapped");
    test_vm_fails(vm, "object memory-backend-ram,id=m,size=0", "size");
}

VT_TEST(memory_comes_and_goes, "/memory/churn")
{
    test_vm_churn("object memory-backend-ram,id=m,size=64k,prealloc=on", "m");
    test_vm_churn("object memory-backend-ram,id=m,size=64k,share=on", "m");
    test_vm_churn("object memory-backend-memfd,id=m,size=64k", "m");
}
