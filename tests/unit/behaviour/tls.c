/* SPDX-License-Identifier: MIT */
/* TLS sessions: both ends in one process, on a socket with a small buffer. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <glib-unix.h>

#include "vt-backends/authz.h"
#include "vt-backends/tls-session.h"

#include "backends.h"

#ifdef CONFIG_GNUTLS

#define NARROW 4096
#define MUCH   ((gsize)3 << 20)

typedef struct Pair {
    TestVm *vm;
    VtTlsSession *sessions[2];
    int fds[2];
} Pair;

static void
pair_init(Pair *pair, const char *server, const char *client)
{
    g_autofree char *server_text = g_strconcat("object ", server, ",id=server,endpoint=server", NULL);
    g_autofree char *client_text = g_strconcat("object ", client, ",id=client", NULL);
    VtObject *creds[2];
    int narrow = NARROW;

    pair->vm = test_vm_empty();
    creds[0] = test_vm_object(pair->vm, server_text, "server");
    creds[1] = test_vm_object(pair->vm, client_text, "client");
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair->fds), ==, 0);
    for (int i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;

        setsockopt(pair->fds[i], SOL_SOCKET, SO_SNDBUF, &narrow, sizeof narrow);
        pair->sessions[i] = vt_tls_session_new(creds[i], NULL, NULL, pair->fds[i], &error);
        g_assert_no_error(error);
    }
}

/* Frees the remaining sessions. */
static void
pair_clear(Pair *pair)
{
    for (int i = 0; i < 2; i++) {
        vt_tls_session_free(pair->sessions[i]);
        if (pair->fds[i] >= 0) {
            close(pair->fds[i]);
        }
    }
    test_vm_free(pair->vm);
}

static void
shake_hands(Pair *pair)
{
    VtTlsState states[2] = {VT_TLS_WANT_READ, VT_TLS_WANT_READ};

    for (int turn = 0; states[0] != VT_TLS_DONE || states[1] != VT_TLS_DONE; turn++) {
        g_autoptr(GError) error = NULL;

        g_assert_cmpint(turn, <, 1000);
        if (states[turn % 2] != VT_TLS_DONE) {
            states[turn % 2] = vt_tls_session_handshake(pair->sessions[turn % 2], &error);
            g_assert_no_error(error);
        }
    }
}

static bool
is_early(gssize done, GError **error)
{
    if (done >= 0) {
        g_assert_no_error(*error);
        return false;
    }
    g_assert_error(*error, G_FILE_ERROR, G_FILE_ERROR_AGAIN);
    g_clear_error(error);
    return true;
}

/* Sends @data in one direction, and reads now and then. */
static void
carry(Pair *pair, int from, const char *data, gsize size)
{
    g_autofree char *got = g_malloc(size);
    gsize sent = 0, received = 0, early = 0;

    while (received < size) {
        g_autoptr(GError) error = NULL;
        gssize done;

        while (sent < size) {
            done = vt_tls_session_write(pair->sessions[from], data + sent, size - sent, &error);
            if (is_early(done, &error)) {
                early++;
                break;
            }
            sent += (gsize)done;
        }
        /* Less than a record: the rest is buffered in the session, and the socket is not readable. */
        done = vt_tls_session_read(pair->sessions[!from], got + received, MIN(size - received, 1000), &error);
        if (!is_early(done, &error)) {
            received += (gsize)done;
        }
    }
    g_assert_cmpuint(early, >, 0);
    g_assert_cmpuint(vt_tls_session_pending(pair->sessions[!from]), ==, 0);
    g_assert_cmpmem(got, received, data, size);
}

VT_TEST(what_is_sent_arrives, "/tls/carry")
{
    g_autofree char *data = g_malloc(MUCH);
    g_autoptr(GError) error = NULL;
    char byte[2];
    Pair pair;

    for (gsize i = 0; i < MUCH; i++) {
        data[i] = (char)(i * 7 + (i >> 8) * 13 + (i >> 16));
    }
    pair_init(&pair, "tls-creds-anon", "tls-creds-anon");
    shake_hands(&pair);
    carry(&pair, 0, data, MUCH);
    carry(&pair, 1, data, MUCH);
    /* Bytes buffered in the session. */
    g_assert_cmpint(vt_tls_session_write(pair.sessions[0], "abc", 3, &error), ==, 3);
    g_assert_cmpint(vt_tls_session_read(pair.sessions[1], byte, 1, &error), ==, 1);
    g_assert_cmpuint(vt_tls_session_pending(pair.sessions[1]), ==, 2);
    g_assert_cmpint(vt_tls_session_read(pair.sessions[1], byte, 2, &error), ==, 2);
    g_assert_cmpmem(byte, 2, "bc", 2);
    g_assert_true(is_early(vt_tls_session_read(pair.sessions[1], byte, 1, &error), &error));
    g_clear_pointer(&pair.sessions[0], vt_tls_session_free);
    g_assert_cmpint(vt_tls_session_read(pair.sessions[1], byte, 1, &error), ==, 0);
    g_assert_no_error(error);
    pair_clear(&pair);
}

VT_TEST(an_end_without_a_bye_is_an_error, "/tls/cut")
{
    g_autoptr(GError) error = NULL;
    char byte;
    Pair pair;

    pair_init(&pair, "tls-creds-anon", "tls-creds-anon");
    shake_hands(&pair);
    close(pair.fds[0]);
    pair.fds[0] = -1;
    g_assert_cmpint(vt_tls_session_read(pair.sessions[1], &byte, 1, &error), ==, -1);
    g_assert_cmpstr(error->message, ==, "the peer closed the connection without a TLS close notification");
    g_clear_error(&error);
    g_assert_cmpint(vt_tls_session_write(pair.sessions[1], "x", 1, &error), ==, -1);
    g_assert_nonnull(error);
    pair_clear(&pair);
}

VT_TEST(a_session_can_end_at_any_step, "/tls/steps")
{
    for (int steps = 0; steps < 6; steps++) {
        Pair pair;

        pair_init(&pair, "tls-creds-anon", "tls-creds-anon");
        for (int i = 0; i < steps; i++) {
            g_autoptr(GError) error = NULL;

            if (vt_tls_session_handshake(pair.sessions[i % 2], &error) == VT_TLS_DONE) {
                break;
            }
            g_assert_no_error(error);
        }
        pair_clear(&pair);
    }
}

VT_TEST(credentials_leave_nothing_behind, "/tls/churn")
{
    test_vm_churn("object tls-creds-anon,id=c,endpoint=server", "c");
}

#endif

/* ---- authorization ------------------------------------------------------------------------------------- */

static void
judge(VtObject *authz, const char *identity, const char *message)
{
    g_autoptr(GError) error = NULL;
    bool allowed = vt_authz_is_allowed(authz, identity, &error);

    g_assert_cmpint(allowed, ==, !message);
    g_assert_cmpstr(error ? error->message : NULL, ==, message);
}

static bool
set(VtObject *object, const char *member, const char *value, GError **error)
{
    g_autoptr(VtInput) input = vt_input_new_json(value, strlen(value), member);

    return vt_object_set(object, member, input, error);
}

VT_TEST(one_name_is_allowed, "/authz/simple")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    VtObject *authz = test_vm_object(vm, "object authz-simple,id=z,identity=fred", "z");

    judge(authz, "fred", NULL);
    judge(authz, "Fred", "authz 'z' does not allow 'Fred'");
    judge(authz, "", "authz 'z' does not allow ''");
    judge(authz, "fre*", "authz 'z' does not allow 'fre*'");
    g_assert_true(set(authz, "identity", "\"*\"", &error));
    judge(authz, "fred", "authz 'z' does not allow 'fred'");
    judge(authz, "*", NULL);
}

VT_TEST(the_first_rule_that_matches_decides, "/authz/list")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    VtObject *authz = test_vm_object(vm,
                                     "object authz-list,id=z,rules.0.match=fred,rules.0.policy=allow,"
                                     "rules.1.match=f?e*,rules.1.policy=deny,rules.1.format=glob,"
                                     "rules.2.match=*,rules.2.policy=allow,rules.2.format=glob",
                                     "z");

    judge(authz, "fred", NULL);
    judge(authz, "freddy", "authz 'z' does not allow 'freddy'");
    judge(authz, "f?e", "authz 'z' does not allow 'f?e'");
    judge(authz, "bob", NULL);
    g_assert_true(set(authz, "rules", "[{\"match\": \"bob\", \"policy\": \"deny\"}]", &error));
    judge(authz, "bob", "authz 'z' does not allow 'bob'");
    judge(authz, "fred", "authz 'z' does not allow 'fred'");
    g_assert_true(set(authz, "policy", "\"allow\"", &error));
    judge(authz, "fred", NULL);
    judge(authz, "bob", "authz 'z' does not allow 'bob'");
    g_assert_false(set(authz, "rules", "[{\"match\": \"fred\"}]", &error));
    judge(authz, "fred", NULL);
}

VT_TEST(nobody_is_allowed_by_an_empty_list, "/authz/empty")
{
    g_autoptr(TestVm) vm = test_vm_empty();

    judge(test_vm_object(vm, "object authz-list,id=z", "z"), "fred", "authz 'z' does not allow 'fred'");
    judge(test_vm_object(vm, "object authz-list,id=y,policy=allow", "y"), "fred", NULL);
}

static gpointer
ask(gpointer authz)
{
    for (int i = 0; i < 20000; i++) {
        vt_authz_is_allowed(authz, "fred", NULL);
    }
    return NULL;
}

VT_TEST(threads_ask_while_rules_change, "/authz/threads")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    VtObject *authz = test_vm_object(vm, "object authz-list,id=z", "z");
    GThread *threads[2] = {g_thread_new("one", ask, authz), g_thread_new("two", ask, authz)};

    for (int i = 0; i < 2000; i++) {
        g_assert_true(set(authz, "rules", "[{\"match\": \"fred\", \"policy\": \"allow\"}]", &error));
    }
    g_thread_join(threads[0]);
    g_thread_join(threads[1]);
    judge(authz, "fred", NULL);
}

VT_TEST(a_file_of_rules_is_read_again, "/authz/file")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("rules", "{\"policy\": \"allow\"}", -1);
    g_autofree char *text = g_strdup_printf("object authz-list-file,id=z,filename=%s", path);
    g_autofree char *still = g_strdup_printf("object authz-list-file,id=y,refresh=off,filename=%s", path);
    g_autofree char *why = g_strdup_printf("authz 'z' does not allow 'fred': filename: %s:1:1: ", path);
    g_autoptr(GError) error = NULL;
    VtObject *authz = test_vm_object(vm, text, "z"), *fixed = test_vm_object(vm, still, "y");

    judge(authz, "fred", NULL);
    g_free(test_file("rules", "nonsense", -1));
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_false(vt_authz_is_allowed(authz, "fred", &error));
    g_assert_true(g_str_has_prefix(error->message, why));
    judge(fixed, "fred", NULL);
    /* A freed session is not replaced. */
    g_unlink(path);
    g_free(test_file("rules", "{}", -1));
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    judge(authz, "fred", "authz 'z' does not allow 'fred'");
    g_free(test_file("rules", "{\"policy\": \"allow\"}", -1));
    test_vm_churn_in(vm, "object authz-list,id=x,rules.0.match=a,rules.0.policy=deny", "x");
    test_vm_delete(vm, "y");
    test_vm_churn_in(vm, still, "y");
    g_unlink(path);
}
