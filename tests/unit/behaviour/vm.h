/* SPDX-License-Identifier: MIT */
/*
 * A whole VM of the product's own schema, planned from texts as on a command line.
 */
#pragma once

#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"
#include "vt-test.h"

typedef struct TestVm {
    VtSchema *schema;
    VtVm *vm;
} TestVm;

/* @text: "pc-q35-7.2" or with options "pc-q35-7.2,smp.cpus=4".  NULL with @error set when the machine is refused. */
TestVm *test_vm_new(const char *machine, GError **error);
void test_vm_free(TestVm *vm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestVm, test_vm_free)

/* Plans all of @texts in one batch: "device virtio-rng-pci,id=r", "object …", "netdev …", "blockdev …", parted by
 * newlines. */
bool test_vm_plan(TestVm *vm, const char *texts, GError **error);

/* Plans @texts on @machine and expects success (@message NULL) or an error that holds @message. */
void test_vm_expect(const char *machine, const char *texts, const char *message);

/* The settled value of a member as text; "absent" where there is none. */
char *test_vm_value(TestVm *vm, const char *kind, const char *id, const char *member);

#define test_vm_assert_value(vm, kind, id, member, expected)                                                           \
    do {                                                                                                               \
        g_autofree char *value_ = test_vm_value(vm, kind, id, member);                                                 \
        g_assert_cmpstr(value_, ==, expected);                                                                         \
    } while (0)
