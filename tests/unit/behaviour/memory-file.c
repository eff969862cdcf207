/* SPDX-License-Identifier: MIT */
/* memory-backend-file: the effects on the file. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "vt-backends/memory.h"

#include "backends.h"

#define PAGE 4096

static const VtMemory *
open_memory(TestVm *vm, const char *path, const char *options)
{
    g_autofree char *text = g_strdup_printf("object memory-backend-file,id=m,mem-path=%s,%s", path, options);

    return vt_memory_get(test_vm_object(vm, text, "m"));
}

static void
refuse(TestVm *vm, const char *path, const char *options, const char *message)
{
    g_autofree char *text = g_strdup_printf("object memory-backend-file,id=m,mem-path=%s,%s", path, options);

    test_vm_fails(vm, text, message);
}

static char *
pages(const char *name, size_t n)
{
    g_autofree char *bytes = g_malloc(n * PAGE);

    for (size_t i = 0; i < n; i++) {
        memset(bytes + i * PAGE, 'a' + (int)i, PAGE);
    }
    return test_file(name, bytes, (gssize)(n * PAGE));
}

static goffset
size_of(const char *path)
{
    GStatBuf found;

    return g_stat(path, &found) == 0 ? found.st_size : -1;
}

static char
byte_at(const char *path, size_t at)
{
    g_autofree char *bytes = NULL;

    g_assert_true(g_file_get_contents(path, &bytes, NULL, NULL));
    return bytes[at];
}

VT_TEST(a_new_file_gets_the_size, "/memory-file/new")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("new", NULL, 0);
    const VtMemory *memory = open_memory(vm, path, "size=5000,offset=4096,share=on");

    g_assert_cmpint(size_of(path), ==, 3 * PAGE);
    g_assert_cmpuint(memory->offset, ==, PAGE);
    memset(memory->base, 'x', 1);
    test_vm_delete(vm, "m");
    g_assert_cmpint(byte_at(path, PAGE), ==, 'x');
    g_unlink(path);
}

VT_TEST(a_file_that_failed_is_not_left_behind, "/memory-file/failed")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("failed", NULL, 0);

    refuse(vm, path, "size=1M,offset=100", "offset: 100 is not a multiple of the page size 4096");
    refuse(vm, path, "size=1M,align=2048", "align: 2048 is not a multiple of the page size 4096");
    refuse(vm, path, "size=1M,align=12288", "align: 12288 is not a power of two");
    refuse(vm, path, "size=1000", "size: 1000 is lower than the page size 4096");
    refuse(vm, path, "size=1M,readonly=on", "No such file");
    refuse(vm, path, "size=1M,share=on,pmem=on", "pmem: the file is not on persistent memory");
    refuse(vm, path, "size=9223372036854775807,offset=4096", "exceeds the maximum length of a file");
    refuse(vm, path, "size=1M,host-nodes.0=127,policy=bind", "host-nodes");
    g_assert_cmpint(size_of(path), ==, -1);
    refuse(vm, "/nowhere/at/all", "size=1M", "mem-path: '/nowhere/at/all': No such file");
}

VT_TEST(a_file_keeps_its_size_and_its_bytes, "/memory-file/there")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = pages("there", 4);
    const VtMemory *memory = open_memory(vm, path, "size=8k,offset=8k,prealloc=on");

    g_assert_cmpint(*(char *)memory->base, ==, 'c');
    *(char *)memory->base = 'x';
    test_vm_delete(vm, "m");
    g_assert_cmpint(byte_at(path, 2 * PAGE), ==, 'c');
    refuse(vm, path, "size=12k,offset=8k", "has 16384 bytes; expected at least 12288 at offset 8192");
    memory = open_memory(vm, path, "size=8k,align=16M,share=on");
    g_assert_cmpuint((uintptr_t)memory->base % (16 << 20), ==, 0);
    *(char *)memory->base = 'x';
    test_vm_delete(vm, "m");
    g_assert_cmpint(byte_at(path, 0), ==, 'x');
    g_assert_cmpint(size_of(path), ==, 4 * PAGE);
    g_unlink(path);
}

VT_TEST(a_file_for_reading_is_not_written_to, "/memory-file/readonly")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = pages("readonly", 1);
    const VtMemory *memory = open_memory(vm, path, "size=4k,readonly=on,share=on,prealloc=on");

    test_vm_assert_value(vm, "object", "m", "rom", "on");
    g_assert_true(memory->read_only && memory->rom);
    g_assert_cmpint(fcntl(memory->fd, F_GETFL) & O_ACCMODE, ==, O_RDONLY);
    g_assert_cmpint(*(char *)memory->base, ==, 'a');
    test_vm_delete(vm, "m");
    /* A template: private changes to the content of a file. */
    memory = open_memory(vm, path, "size=4k,readonly=on,rom=off,prealloc=on");
    g_assert_false(memory->read_only || memory->rom);
    *(char *)memory->base = 'x';
    test_vm_delete(vm, "m");
    g_assert_cmpint(byte_at(path, 0), ==, 'a');
    memory = open_memory(vm, path, "size=4k");
    test_vm_assert_value(vm, "object", "m", "rom", "off");
    test_vm_delete(vm, "m");
    refuse(vm, path, "size=4k,rom=on", "rom: 'on' requires readonly=on");
    refuse(vm, path, "size=4k,readonly=on,rom=off,share=on", "rom: 'off' requires share=off");
    g_unlink(path);
}

VT_TEST(data_that_may_go_goes, "/memory-file/discard")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = pages("discard", 2);

    open_memory(vm, path, "size=4k,share=on,discard-data=on");
    test_vm_delete(vm, "m");
    g_assert_cmpint(size_of(path), ==, 2 * PAGE);
    g_assert_cmpint(byte_at(path, 0), ==, 0);
    g_assert_cmpint(byte_at(path, PAGE), ==, 'b');
    open_memory(vm, path, "size=8k,discard-data=on");
    test_vm_delete(vm, "m");
    g_assert_cmpint(byte_at(path, PAGE), ==, 'b');
    g_unlink(path);
}

VT_TEST(a_directory_holds_a_nameless_file, "/memory-file/directory")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_dir_make_tmp("vintage-test-XXXXXX", &error);
    const VtMemory *memory = open_memory(vm, path, "size=1M,share=on");
    struct stat stat;

    g_assert_cmpint(fstat(memory->fd, &stat), ==, 0);
    g_assert_cmpint(stat.st_size, ==, 1 << 20);
    g_assert_cmpuint(stat.st_nlink, ==, 0);
    test_vm_delete(vm, "m");
    refuse(vm, path, "size=1M,readonly=on", "is a directory");
    g_assert_cmpint(g_rmdir(path), ==, 0);
}

VT_TEST(files_come_and_go, "/memory-file/churn")
{
    g_autofree char *path = test_file("churn", NULL, 0);
    g_autofree char *text =
        g_strdup_printf("object memory-backend-file,id=m,size=64k,mem-path=%s,share=on,discard-data=on", path);

    test_vm_churn(text, "m");
    g_unlink(path);
}
