/* SPDX-License-Identifier: MIT */
/* The engine's monitor: replies, events, errors, and peers that are no QMP server or no longer there. */
#include "../vt-test.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <json-c/json.h>

#include "vt-engine/client.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

#define GREETING "{\"QMP\": {\"version\": {\"qemu\": {\"major\": 7}}, \"capabilities\": []}}\r\n"
#define READY    GREETING "{\"return\": {}, \"id\": 1}\r\n"
#define LIMIT_MS 20

/* A connection on which the peer has already said @text.  If @ends, it says no more. */
static int
peer(const char *text, bool ends, int *ret_other)
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    g_assert_cmpint(write(fds[1], text, strlen(text)), ==, strlen(text));
    if (ends) {
        shutdown(fds[1], SHUT_WR);
    }
    *ret_other = fds[1];
    return fds[0];
}

static VtEngineClient *
ready(const char *replies, int *ret_other)
{
    g_autofree char *text = g_strconcat(READY, replies, NULL);
    g_autoptr(GError) error = NULL;
    VtEngineClient *client = vt_engine_client_new(peer(text, true, ret_other), LIMIT_MS, &error);

    g_assert_no_error(error);
    return client;
}

static void
assert_sent(int other, const char *expected)
{
    char got[1024] = {0};

    g_assert_cmpint(read(other, got, sizeof(got) - 1), >, 0);
    g_assert_cmpstr(got, ==, expected);
}

static void
on_event(json_object *event, void *opaque)
{
    json_object *name = NULL;

    json_object_object_get_ex(event, "event", &name);
    g_string_append_printf(opaque, "%s ", json_object_get_string(name));
}

VT_TEST(call_returns_the_value, "/engine/client/call")
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) events = g_string_new(NULL);
    int other;
    VtEngineClient *client = ready("{\"event\": \"STOP\"}{\"return\": {\"running\": true}, \"id\": 1}", &other);
    json_object *arguments = json_object_new_object(), *value;
    g_autofree char *text = NULL;

    vt_json_add_text(arguments, "a", "b");
    vt_engine_client_on_event(client, on_event, events);
    value = vt_engine_client_call(client, "query-status", arguments, &error);
    g_assert_no_error(error);
    text = vt_json_text(value);
    g_assert_cmpstr(text, ==, "{\"running\":true}");
    g_assert_cmpstr(events->str, ==, "STOP ");
    assert_sent(other, "{\"execute\":\"qmp_capabilities\",\"id\":1}\n"
                       "{\"execute\":\"query-status\",\"arguments\":{\"a\":\"b\"},\"id\":1}\n");
    json_object_put(value);
    json_object_put(arguments);
    vt_engine_client_free(client);
    close(other);
}

VT_TEST(error_keeps_class_and_text, "/engine/client/error")
{
    g_autoptr(GError) error = NULL;
    int other;
    VtEngineClient *client =
        ready("{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"Device 'd' not found\"}, \"id\": 1}"
              "{\"return\": null, \"id\": 1}",
              &other);

    g_assert_null(vt_engine_client_call(client, "device_del", NULL, &error));
    g_assert_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND);
    g_assert_cmpstr(error->message, ==, "Device 'd' not found");
    g_clear_error(&error);
    /* The next command works. */
    g_assert_null(vt_engine_client_call(client, "stop", NULL, &error));
    g_assert_no_error(error);
    vt_engine_client_free(client);
    close(other);
}

VT_TEST(batch_sets_each_result, "/engine/client/batch")
{
    g_autoptr(GError) error = NULL;
    int other;
    VtEngineClient *client = ready("{\"return\": 1, \"id\": 1}{\"error\": {\"desc\": \"no\"}, \"id\": 2}"
                                   "{\"return\": 3, \"id\": 3}",
                                   &other);
    g_autoptr(GArray) calls = vt_engine_calls_new();

    for (int i = 0; i < 3; i++) {
        vt_engine_calls_add(calls, "x", NULL);
    }
    g_assert_true(vt_engine_client_batch(client, calls, &error));
    g_assert_no_error(error);
    g_assert_cmpint(json_object_get_int(g_array_index(calls, VtEngineCall, 0).result), ==, 1);
    g_assert_error(g_array_index(calls, VtEngineCall, 1).error, VT_ERROR, VT_ERROR_GENERIC);
    g_assert_cmpint(json_object_get_int(g_array_index(calls, VtEngineCall, 2).result), ==, 3);
    /* A batch without an end: what is missing is an error, and the client is of no more use. */
    g_assert_false(vt_engine_client_batch(client, calls, &error));
    g_assert_cmpstr(error->message, ==, "the engine closed its monitor");
    g_clear_error(&error);
    g_assert_null(vt_engine_client_call(client, "stop", NULL, &error));
    g_assert_cmpstr(error->message, ==, "the engine's monitor: the connection is lost");
    vt_engine_client_free(client);
    close(other);
}

VT_TEST(other_peers_are_refused, "/engine/client/refused")
{
    static const struct {
        const char *text;
        bool ends;
        const char *message;
    } cases[] = {
        {"", true, "the engine closed its monitor"},
        {"", false, "the engine's monitor: no reply within 20 ms"},
        {"SSH-2.0-x\r\n", false, "the engine's monitor sent no JSON: "},
        {"[1]", false, "the engine's monitor: expected a JSON object"},
        {"{\"a\": }", false, "the engine's monitor:1:7: expected a value"},
        {"{\"hello\": 1}", false, "the engine's monitor sent no greeting of QMP"},
        {GREETING, false, "the engine's monitor: no reply within 20 ms"},
        {GREETING "{\"return\": {}, \"id\": 7}", false, "the engine's monitor replied to command 7 in place of 1"},
        {GREETING "{\"id\": 1}", false, "the engine's monitor: a reply without 'return' or 'error'"},
        {GREETING "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no\"}, \"id\": 1}", false, "no"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int other;

        g_assert_null(vt_engine_client_new(peer(cases[i].text, cases[i].ends, &other), LIMIT_MS, &error));
        if (!error || !g_str_has_prefix(error->message, cases[i].message)) {
            g_error("case %u: '%s' in place of '%s'", i, error ? error->message : "no error", cases[i].message);
        }
        close(other);
    }
}

VT_TEST(path_without_socket_is_refused, "/engine/client/path")
{
    g_autofree char *path = g_strnfill(200, 'x');
    g_autoptr(GError) error = NULL;

    g_assert_null(vt_engine_client_connect(path, LIMIT_MS, &error));
    g_assert_nonnull(strstr(error->message, "a socket's path has at most 107 bytes"));
    g_clear_error(&error);
    g_assert_null(vt_engine_client_connect("/nowhere/socket", LIMIT_MS, &error));
    g_assert_cmpstr(error->message, ==, "cannot connect to '/nowhere/socket': No such file or directory");
}
