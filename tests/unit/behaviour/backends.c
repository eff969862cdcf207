/* SPDX-License-Identifier: MIT */
#include "backends.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#define TIMES 10000
#define WARM  500 /* one-time allocations are done by then */
#define SLACK (64 << 10)

TestVm *
test_vm_empty(void)
{
    g_autoptr(GError) error = NULL;
    TestVm *vm = test_vm_new("none", &error);

    g_assert_no_error(error);
    g_assert_true(vt_vm_realize(vm->vm, &error));
    return vm;
}

bool
test_vm_start(TestVm *vm, const char *texts, GError **error)
{
    return test_vm_plan(vm, texts, error) && vt_vm_realize(vm->vm, error);
}

VtObject *
test_vm_object(TestVm *vm, const char *texts, const char *id)
{
    g_autoptr(GError) error = NULL;
    bool good = test_vm_start(vm, texts, &error);
    VtObject *object;

    g_assert_no_error(error);
    g_assert_true(good);
    object = vt_vm_find(vm->vm, "object", id);
    g_assert_nonnull(object);
    return object;
}

void
test_vm_fails(TestVm *vm, const char *texts, const char *message)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(test_vm_start(vm, texts, &error));
    if (!strstr(error->message, message) || strchr(error->message, '\n')) {
        g_test_message("expected '%s', got '%s'", message, error->message);
        g_test_fail();
    }
}

static void delete (TestVm *vm, const char *kind, const char *id)
{
    g_autoptr(GError) error = NULL;
    bool good = vt_vm_delete(vm->vm, kind, id, &error);

    g_assert_no_error(error);
    g_assert_true(good);
}

void
test_vm_delete(TestVm *vm, const char *id)
{
    delete (vm, "object", id);
}

static char *directory;

static void
remove_directory(void)
{
    g_rmdir(directory);
    g_free(directory);
}

char *
test_file(const char *name, const void *bytes, gssize size)
{
    g_autoptr(GError) error = NULL;
    char *path;

    if (!directory) {
        directory = g_dir_make_tmp("vintage-test-XXXXXX", &error);
        g_assert_no_error(error);
        atexit(remove_directory);
    }
    path = g_build_filename(directory, name, NULL);
    if (bytes) {
        g_file_set_contents(path, bytes, size, &error);
        g_assert_no_error(error);
    }
    return path;
}

/* ---- resources of a process ---------------------------------------------------------------------------- */

typedef struct Held {
    size_t descriptors, threads, mappings, heap;
} Held;

static size_t
count_entries(const char *path)
{
    GDir *entries = g_dir_open(path, 0, NULL);
    size_t n = 0;

    g_assert_nonnull(entries);
    while (g_dir_read_name(entries)) {
        n++;
    }
    g_dir_close(entries);
    return n;
}

static Held
look(void)
{
    Held held = {
        .descriptors = count_entries("/proc/self/fd"),
        .threads = count_entries("/proc/self/task"),
    };
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    /* A sanitizer keeps freed memory, and detects leaks itself. */
    g_autofree char *maps = NULL;

    g_assert_true(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
    for (const char *line = maps; (line = strchr(line, '\n')); line++) {
        held.mappings++;
    }
    held.heap = mallinfo2().uordblks;
#endif
    return held;
}

void
test_vm_churn(const char *text, const char *id)
{
    g_autoptr(TestVm) vm = test_vm_empty();

    test_vm_churn_in(vm, text, id);
}

/* Creates the object by the root class at the start of @text. */
static const char *
kind_of(const TestVm *vm, const char *text)
{
    g_autofree char *root = g_strndup(text, strcspn(text, " "));

    return vt_schema_class(vm->schema, root)->kind;
}

void
test_vm_churn_in(TestVm *vm, const char *text, const char *id)
{
    test_vm_churn_used(vm, text, id, NULL);
}

void
test_vm_churn_used(TestVm *vm, const char *text, const char *id, void (*use)(VtObject *object))
{
    Held before = {0}, after;

    for (int i = 0, times = vt_test_times(TIMES); i < times; i++) {
        if (i == WARM) {
            before = look();
        }
        g_assert_true(test_vm_start(vm, text, NULL));
        if (use) {
            use(vt_vm_find(vm->vm, kind_of(vm, text), id));
        }
        delete (vm, kind_of(vm, text), id);
    }
    after = look();
    g_assert_cmpuint(after.descriptors, ==, before.descriptors);
    g_assert_cmpuint(after.threads, <=, before.threads + 1); /* the kernel may still list the last thread */
    g_assert_cmpuint(after.mappings, <=, before.mappings + 2);
    g_assert_cmpuint(after.heap, <, before.heap + SLACK);
}
