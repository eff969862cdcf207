/* SPDX-License-Identifier: MIT */
/* Secrets in the kernel's keyring. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/keyctl.h>

#include "vt-backends/secret.h"

#include "backends.h"

/* 0: not supported here, so the test is skipped. */
static long
add_key(const char *name, const void *data, size_t size)
{
    long serial = syscall(SYS_add_key, "user", name, data, size, KEY_SPEC_PROCESS_KEYRING);

    if (serial < 0) {
        g_assert_true(errno == ENOSYS || errno == EPERM || errno == EACCES || errno == EDQUOT);
        g_test_skip("the kernel keeps no keys here");
        return 0;
    }
    return serial;
}

static void
expect(TestVm *vm, long serial, const char *more, const void *bytes, size_t size)
{
    g_autofree char *text = g_strdup_printf("object secret_keyring,id=s,serial=%ld%s", serial, more);
    VtSecretBytes found = vt_secret_get(test_vm_object(vm, text, "s"));

    g_assert_cmpmem(found.data, found.size, bytes, size);
    test_vm_delete(vm, "s");
}

VT_TEST(a_secret_can_be_in_a_keyring, "/secret/keyring")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *text = NULL, *base64 = NULL;
    long serial = add_key("vintage-test", "let\0mein", 8);

    if (!serial) {
        return;
    }
    expect(vm, serial, "", "let\0mein", 8);
    base64 = g_strdup_printf("object secret_keyring,id=s,format=base64,serial=%ld", serial);
    test_vm_fails(vm, base64, "serial: the content is not base64");
    g_assert_cmpint(add_key("vintage-test", "AAEC", 4), ==, serial);
    expect(vm, serial, ",format=base64", "\0\1\2", 3);
    text = g_strdup_printf("object secret_keyring,id=s,serial=%ld", serial);
    test_vm_churn_in(vm, text, "s");
    g_assert_cmpint(syscall(SYS_keyctl, KEYCTL_REVOKE, serial, 0, 0, 0), ==, 0);
    test_vm_fails(vm, text, ": Key has been revoked");
}

VT_TEST(a_key_decrypts_whatever_kind_of_secret_it_is, "/secret/keyring-key")
{
#ifdef CONFIG_NETTLE
    /* "quite hidden from view", by openssl enc -aes-256-cbc. */
    static const char hidden[] = "object secret,id=h,format=base64,data=QS/RBeBAT4172nSf68RgUIC4Kt2WSmG5OkgbptSrS4I=,"
                                 "keyid=s,iv=oKGio6SlpqeoqaqrrK2urw==";
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *text = NULL;
    char key[32];
    long serial;

    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (char)i;
    }
    serial = add_key("vintage-test-key", key, sizeof key);
    if (serial) {
        VtSecretBytes found;

        text = g_strdup_printf("object secret_keyring,id=s,serial=%ld\n%s", serial, hidden);
        found = vt_secret_get(test_vm_object(vm, text, "h"));
        g_assert_cmpmem(found.data, found.size, "quite hidden from view", 22);
    }
#else
    g_test_skip("built without nettle");
#endif
}

VT_TEST(a_key_that_is_not_there, "/secret/keyring-missing")
{
    g_autoptr(TestVm) vm = test_vm_empty();

    test_vm_fails(vm, "object secret_keyring,id=s,serial=2147483647", "serial: key 2147483647: ");
}
