/* SPDX-License-Identifier: MIT */
/*
 * Files of authz-list-file, read at startup and again after a change.  Both reads must give the same results.
 */
#include "fuzz.h"

#include <string.h>

#include "lib/fuzz-host.h"
#include "lib/fuzz-vm.h"
#include "vt-backends/authz.h"
#include "vt-gen/program-vintage-backends.h"

#define ROUNDS 200

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_host_enter();
    return 0;
}

static const char *const identities[] = {"", "somebody", "CN=laptop.example.com,O=Example,L=London", "*",
                                         "\xc3\xa9t\xc3\xa9"};

/* Bit mask of the allowed identities. */
static unsigned
ask(VtObject *authz)
{
    unsigned allowed = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(identities); i++) {
        g_autoptr(GError) error = NULL;

        if (vt_authz_is_allowed(authz, identities[i], &error)) {
            g_assert_no_error(error);
            allowed |= 1u << i;
        } else {
            fuzz_check_error(error);
            g_assert_null(strchr(error->message, '\n'));
        }
    }
    return allowed;
}

static unsigned
ask_changed(const uint8_t *bytes, size_t len)
{
    static const char *const words[] = {"-object", "authz-list-file,id=a,filename=list,refresh=on", NULL};
    unsigned allowed;
    FuzzVm vm;

    fuzz_vm_init(&vm, &vt_program_vintage_backends, words);
    fuzz_vm_start(&vm);
    fuzz_host_write("list", bytes, len);
    fuzz_settle(ROUNDS);
    allowed = ask(vt_vm_find(vm.vm, "object", "a"));
    fuzz_vm_clear(&vm);
    return allowed;
}

/* An unreadable file denies every identity. */
static unsigned
ask_new(void)
{
    static const char *const words[] = {"-object", "authz-list-file,id=a,filename=list,refresh=off", NULL};
    g_autoptr(GError) error = NULL;
    unsigned allowed = 0;
    FuzzVm vm;

    fuzz_vm_init(&vm, &vt_program_vintage_backends, words);
    if (vt_vm_realize(vm.vm, &error)) {
        vt_vm_started(vm.vm);
        allowed = ask(vt_vm_find(vm.vm, "object", "a"));
    } else {
        fuzz_check_error(error);
    }
    fuzz_vm_clear(&vm);
    return allowed;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    unsigned allowed;

    fuzz_host_reset();
    allowed = ask_changed(bytes, len);
    g_assert_cmphex(ask_new(), ==, allowed);
    fuzz_host_check();
    return 0;
}
