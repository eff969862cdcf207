/* SPDX-License-Identifier: MIT */
/*
 * Realized backends, and the host resources that they hold.
 */
#pragma once

#include "vm.h"

/* Plans and realizes @texts; see test_vm_plan(). */
bool test_vm_start(TestVm *vm, const char *texts, GError **error);
/* The same, which must succeed; returns the object @id. */
VtObject *test_vm_object(TestVm *vm, const char *texts, const char *id);
/* The same, which must fail with a message of one line that contains @message. */
void test_vm_fails(TestVm *vm, const char *texts, const char *message);
void test_vm_delete(TestVm *vm, const char *id);

/* A VM without a machine model, for backends. */
TestVm *test_vm_empty(void);

/* Creates and deletes the object @id of @text (kind first) many times; the process must not leak resources. */
void test_vm_churn(const char *text, const char *id);
void test_vm_churn_in(TestVm *vm, const char *text, const char *id);
/* Called for each object before it is deleted. */
void test_vm_churn_used(TestVm *vm, const char *text, const char *id, void (*use)(VtObject *object));

/* Creates a file in the directory of the test; the caller frees the path. */
char *test_file(const char *name, const void *bytes, gssize size);
