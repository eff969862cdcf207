/* SPDX-License-Identifier: MIT */
/* The connection to an engine: many commands at once, events between answers, and its end. */
#include "../vt-test.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vt-engine/link.h"
#include "vt-runtime/error.h"

static GString *seen;
static bool ended;

static void
on_greeting(void *opaque, VtSpan greeting)
{
    (void)opaque;
    g_string_append_printf(seen, "greeting %.*s|", (int)greeting.len, greeting.text);
}

static void
on_event(void *opaque, VtSpan name, VtSpan message)
{
    (void)opaque;
    g_assert_nonnull(g_strstr_len(message.text, (gssize)message.len, "timestamp"));
    g_string_append_printf(seen, "event %.*s|", (int)name.len, name.text);
}

static void
on_ended(void *opaque)
{
    (void)opaque;
    ended = true;
}

static void
on_answer(void *opaque, VtSpan value, const GError *error)
{
    if (error) {
        g_string_append_printf(seen, "%s: %s: %s|", (const char *)opaque, vt_error_class(error), error->message);
    } else {
        g_string_append_printf(seen, "%s: %.*s|", (const char *)opaque, (int)value.len, value.text);
    }
}

static VtEngineLink *
connect_to(int *ret_peer)
{
    static const VtEngineLinkOps ops = {.greeting = on_greeting, .event = on_event, .ended = on_ended};
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    *ret_peer = fds[1];
    seen = g_string_new(NULL);
    ended = false;
    return vt_engine_link_new(fds[0], &ops, NULL);
}

static void
say(int peer, const char *text)
{
    g_assert_cmpint(write(peer, text, strlen(text)), ==, (ssize_t)strlen(text));
    g_main_context_iteration(NULL, TRUE);
}

static void
finish(VtEngineLink *link, int peer, const char *expected)
{
    vt_engine_link_free(link);
    close(peer);
    g_assert_cmpstr(seen->str, ==, expected);
    g_string_free(seen, TRUE);
}

VT_TEST(commands_do_not_wait_for_answers, "/engine/link/pipeline")
{
    int peer;
    VtEngineLink *link = connect_to(&peer);
    const char *arguments = "{\"a\": [1, \"b: \\\" '\"]}";
    char text[512] = {0};

    vt_engine_link_send(link, "first", (VtSpan){arguments, strlen(arguments)}, on_answer, (char *)"1");
    vt_engine_link_send(link, "second", (VtSpan){NULL, 0}, on_answer, (char *)"2");
    vt_engine_link_send(link, "third", (VtSpan){NULL, 0}, NULL, NULL);
    g_assert_cmpint(read(peer, text, sizeof text - 1), >, 0);
    g_assert_cmpstr(text, ==,
                    "{\"execute\":\"first\",\"arguments\":{\"a\":[1,\"b: \\\" "
                    "'\"]}}{\"execute\":\"second\"}{\"execute\":\"third\"}");
    say(peer, "{\"QMP\": {}}\r\n{\"return\": {\"x\": \"}\"}}\r\n"
              "{\"timestamp\": {}, \"event\": \"STOP\"}\r\n"
              "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"no 'd'\"}}{\"return\": {}}");
    finish(link, peer, "greeting {}|1: {\"x\": \"}\"}|event STOP|2: DeviceNotFound: no 'd'|");
}

VT_TEST(answers_out_of_band_overtake_others, "/engine/link/out-of-band")
{
    int peer;
    VtEngineLink *link = connect_to(&peer);
    char text[128] = {0};

    vt_engine_link_send(link, "slow", (VtSpan){NULL, 0}, on_answer, (char *)"1");
    vt_engine_link_send_oob(link, "fast", (VtSpan){NULL, 0}, on_answer, (char *)"2");
    vt_engine_link_send_oob(link, "faster", (VtSpan){NULL, 0}, on_answer, (char *)"3");
    g_assert_cmpint(read(peer, text, sizeof text - 1), >, 0);
    g_assert_cmpstr(text, ==,
                    "{\"execute\":\"slow\"}{\"exec-oob\":\"fast\",\"id\":1}{\"exec-oob\":\"faster\",\"id\":2}");
    say(peer, "{\"return\": 3, \"id\": 2}{\"return\": 2, \"id\": 1}{\"return\": 1}");
    finish(link, peer, "3: 3|2: 2|1: 1|");
}

VT_TEST(what_is_not_answered_at_the_end_fails, "/engine/link/end")
{
    int peer;
    VtEngineLink *link = connect_to(&peer);

    vt_engine_link_send(link, "first", (VtSpan){NULL, 0}, on_answer, (char *)"1");
    vt_engine_link_send(link, "second", (VtSpan){NULL, 0}, on_answer, (char *)"2");
    g_assert_cmpint(write(peer, "{\"return\": 7}", 13), ==, 13);
    shutdown(peer, SHUT_RDWR);
    while (!ended) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_true(vt_engine_link_has_ended(link));
    finish(link, peer, "1: 7|2: GenericError: the engine has ended|");
}

VT_TEST(what_has_arrived_is_read_before_the_end, "/engine/link/drain")
{
    const char *text = "{\"return\": {}}{\"timestamp\": {}, \"event\": \"SHUTDOWN\"}";
    int peer;
    VtEngineLink *link = connect_to(&peer);

    vt_engine_link_send(link, "quit", (VtSpan){NULL, 0}, on_answer, (char *)"1");
    g_assert_cmpint(write(peer, text, strlen(text)), ==, (ssize_t)strlen(text));
    vt_engine_link_end(link);
    g_assert_true(ended);
    finish(link, peer, "1: {}|event SHUTDOWN|");
}
