/* SPDX-License-Identifier: MIT */
/*
 * Backends that are made real, and what they hold of the host.
 */
#pragma once

#include "vm.h"

/* Plans and realizes @texts, as for test_vm_plan(). */
bool test_vm_start(TestVm *vm, const char *texts, GError **error);
/* The same, which must succeed: the object called @id. */
VtObject *test_vm_object(TestVm *vm, const char *texts, const char *id);
/* The same, which must fail with a message of one line that holds @message. */
void test_vm_fails(TestVm *vm, const char *texts, const char *message);
void test_vm_delete(TestVm *vm, const char *id);

/* A VM without a machine model: backends alone. */
TestVm *test_vm_empty(void);

/* Makes and deletes the object @id of @text (kind first) many times: what this process holds is then what it held. */
void test_vm_churn(const char *text, const char *id);
void test_vm_churn_in(TestVm *vm, const char *text, const char *id);
/* Each is made use of before it goes. */
void test_vm_churn_used(TestVm *vm, const char *text, const char *id, void (*use)(VtObject *object));

/* A file in the test's own directory with these bytes; the path is the caller's. */
char *test_file(const char *name, const void *bytes, gssize size);
