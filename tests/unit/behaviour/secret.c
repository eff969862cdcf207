/* SPDX-License-Identifier: MIT */
/* Secrets: values, sources, and wiping of memory. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "vt-backends/secret.h"

#include "backends.h"

#define KEY_ALONE "object secret,id=key,format=base64,data=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY       KEY_ALONE "\n"
/* "quite hidden from view" and "0123456789abcdef", by openssl enc -aes-256-cbc. */
#define HIDDEN  "QS/RBeBAT4172nSf68RgUIC4Kt2WSmG5OkgbptSrS4I="
#define ALIGNED "zhzzpOO4exObo8/xCs41tgbZay4YS/Irc9MbpL4U2Mk="
#define WITH    ",keyid=key,iv=oKGio6SlpqeoqaqrrK2urw=="

static void
expect(const char *texts, const char *bytes, size_t size)
{
    g_autoptr(TestVm) vm = test_vm_empty();
    VtSecretBytes found = vt_secret_get(test_vm_object(vm, texts, "s"));

    g_assert_cmpmem(found.data, found.size, bytes, size);
    g_assert_cmpint(found.data[found.size], ==, 0);
}

static void
refuse(const char *texts, const char *message)
{
    g_autoptr(TestVm) vm = test_vm_empty();

    test_vm_fails(vm, texts, message);
}

VT_TEST(a_secret_is_what_was_given, "/secret/clear")
{
    expect("object secret,id=s,data=letmein", "letmein", 7);
    expect("object secret,id=s,data=", "", 0);
    expect("object secret,id=s,format=base64,data=AAEC", "\0\1\2", 3);
    expect("object secret,id=s,format=base64,data=", "", 0);
}

VT_TEST(a_secret_can_be_in_a_file, "/secret/file")
{
    g_autofree char *path = test_file("secret", "top\0secret\n", 11);
    g_autofree char *text = g_strdup_printf("object secret,id=s,file=%s", path);
    g_autofree char *base64 = g_strdup_printf("object secret,id=s,format=base64,file=%s", path);
    g_autofree char *large = g_malloc0(2 << 20);
    g_autofree char *pipe_text = NULL;
    int fds[2];

    expect(text, "top\0secret\n", 11);
    refuse(base64, "file: the content is not base64");
    g_free(test_file("secret", "AAEC\n", 5));
    expect(base64, "\0\1\2", 3);
    g_free(test_file("secret", large, 1 << 20));
    expect(text, large, 1 << 20);
    g_free(test_file("secret", large, (1 << 20) + 1));
    refuse(text, "exceeds the maximum of 1048576 bytes");
    g_unlink(path);
    refuse(text, "No such file");
    refuse("object secret,id=s,file=/", "file: '/': Is a directory");
    /* A pipe from a shell. */
    g_assert_cmpint(pipe(fds), ==, 0);
    g_assert_cmpint(write(fds[1], "piped", 5), ==, 5);
    close(fds[1]);
    pipe_text = g_strdup_printf("object secret,id=s,file=/dev/fd/%d", fds[0]);
    expect(pipe_text, "piped", 5);
    close(fds[0]);
}

#ifdef CONFIG_NETTLE

VT_TEST(an_encrypted_secret_is_decrypted, "/secret/encrypted")
{
    g_autofree guchar *raw = NULL;
    g_autofree char *path = NULL, *text = NULL;
    gsize size;

    expect(KEY "object secret,id=s,format=base64,data=" HIDDEN WITH, "quite hidden from view", 22);
    expect(KEY "object secret,id=s,format=base64,data=" ALIGNED WITH, "0123456789abcdef", 16);
    raw = g_base64_decode(HIDDEN, &size);
    path = test_file("encrypted", raw, (gssize)size);
    text = g_strdup_printf(KEY "object secret,id=s,file=%s" WITH, path);
    expect(text, "quite hidden from view", 22);
    g_unlink(path);
}

VT_TEST(what_cannot_be_decrypted_is_an_error, "/secret/undecryptable")
{
    refuse("object secret,id=key,data=short\nobject secret,id=s,data=x" WITH, "keyid: 'key' has 5 bytes; expected 32");
    refuse(KEY "object secret,id=s,format=base64,data=AAEC" WITH,
           "the encrypted data has 3 bytes; expected a multiple");
    refuse(KEY "object secret,id=s,format=base64,data=" WITH, "the encrypted data has 0 bytes");
    refuse("object secret,id=key,data=01234567890123456789012345678901\nobject secret,id=s,format=base64,data=" HIDDEN
               WITH,
           "keyid: the padding is invalid");
}

/* Returns whether the complement of @masked occurs in the writable memory of this process. */
static bool
is_in_memory(const char *masked, size_t size)
{
    g_autofree char *maps = NULL;
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    bool found = false;

    g_assert_true(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
    for (const char *line = maps; line && *line && !found; line = strchr(line, '\n') + 1) {
        unsigned long start, end;
        char mode[5];

        g_assert_cmpint(sscanf(line, "%lx-%lx %4s", &start, &end, mode), ==, 3);
        for (size_t at = 0; mode[1] == 'w' && !found && at < end - start; at += 4096) {
            /* The reads overlap by the length of the searched text. */
            char bytes[4096 + 64];
            ssize_t n = pread(memory, bytes, sizeof bytes, (off_t)(start + at));

            for (ssize_t i = 0; !found && i + (ssize_t)size <= n; i++) {
                size_t k = 0;

                while (k < size && (char)~bytes[i + (ssize_t)k] == masked[k]) {
                    k++;
                }
                found = k == size;
            }
            explicit_bzero(bytes, sizeof bytes);
        }
        if (!strchr(line, '\n')) {
            break;
        }
    }
    close(memory);
    return found;
}

VT_TEST(a_deleted_secret_is_nowhere, "/secret/gone")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    VtSecretBytes bytes =
        vt_secret_get(test_vm_object(vm, KEY "object secret,id=s,format=base64,data=" HIDDEN WITH, "s"));
    char masked[16];

#ifdef __SANITIZE_ADDRESS__
    g_test_skip("a sanitizer's own memory is too large to be looked through");
    return;
#endif
    for (size_t i = 0; i < sizeof masked; i++) {
        masked[i] = (char)~bytes.data[i];
    }
    g_assert_true(is_in_memory(masked, sizeof masked));
    test_vm_delete(vm, "s");
    g_assert_false(is_in_memory(masked, sizeof masked));
}

VT_TEST(encrypted_secrets_come_and_go, "/secret/churn-encrypted")
{
    g_autoptr(TestVm) vm = test_vm_empty();

    test_vm_object(vm, KEY_ALONE, "key");
    test_vm_churn_in(vm, "object secret,id=s,format=base64,data=" HIDDEN WITH, "s");
}

#endif

VT_TEST(a_secret_is_found_by_its_id, "/secret/lookup")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    VtSecretBytes bytes;
    const char *text;

    test_vm_object(
        vm, "object secret,id=s,data=letmein\nobject secret,id=b,format=base64,data=AAEC\nobject rng-builtin,id=r",
        "s");
    g_assert_true(vt_secret_lookup(vm->vm, "s", &bytes, &error));
    g_assert_cmpuint(bytes.size, ==, 7);
    g_assert_true(vt_secret_lookup_text(vm->vm, "s", &text, &error));
    g_assert_cmpstr(text, ==, "letmein");
    g_assert_false(vt_secret_lookup_text(vm->vm, "b", &text, &error));
    g_assert_cmpstr(error->message, ==, "secret 'b' is not UTF-8");
    g_clear_error(&error);
    g_assert_false(vt_secret_lookup(vm->vm, "r", &bytes, &error));
    g_assert_cmpstr(error->message, ==, "object 'r' is not a secret");
    g_clear_error(&error);
    g_assert_false(vt_secret_lookup(vm->vm, "q", &bytes, &error));
    g_assert_cmpstr(error->message, ==, "unknown secret 'q'");
    g_clear_error(&error);
    g_assert_true(test_vm_plan(vm, "object secret,id=p,data=x", &error));
    g_assert_false(vt_secret_lookup(vm->vm, "p", &bytes, &error));
    g_assert_cmpstr(error->message, ==, "secret 'p' is not realized yet");
}

VT_TEST(secrets_come_and_go, "/secret/churn")
{
    g_autofree char *path = test_file("churned", "letmein", 7);
    g_autofree char *text = g_strdup_printf("object secret,id=s,file=%s", path);

    test_vm_churn("object secret,id=s,format=base64,data=" HIDDEN, "s");
    test_vm_churn(text, "s");
    g_unlink(path);
}
