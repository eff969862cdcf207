/* SPDX-License-Identifier: MIT */
/*
 * A VM of the project's schema, planned from texts like a command line.
 */
#pragma once

#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"
#include "vt-test.h"

typedef struct TestVm {
    VtSchema *schema;
    VtVm *vm;
} TestVm;

/* @machine: "pc-q35-7.2", or with options "pc-q35-7.2,smp.cpus=4".  Returns NULL and @error if the machine is invalid.
 */
TestVm *test_vm_new(const char *machine, GError **error);
void test_vm_free(TestVm *vm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestVm, test_vm_free)

/* Plans all of @texts in one batch: "device virtio-rng-pci,id=r", "object ...", "netdev ...", "blockdev ...", separated
 * by newlines. */
bool test_vm_plan(TestVm *vm, const char *texts, GError **error);

/* Plans @texts on @machine; expects success (@message NULL), or an error that contains @message. */
void test_vm_expect(const char *machine, const char *texts, const char *message);

/* The settled value of a member as text; "absent" if it has none. */
char *test_vm_value(TestVm *vm, const char *kind, const char *id, const char *member);

#define test_vm_assert_value(vm, kind, id, member, expected)                                                           \
    do {                                                                                                               \
        g_autofree char *value_ = test_vm_value(vm, kind, id, member);                                                 \
        g_assert_cmpstr(value_, ==, expected);                                                                         \
    } while (0)
