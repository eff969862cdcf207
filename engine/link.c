/* SPDX-License-Identifier: MIT */
#include "vt-engine/link.h"

#include <string.h>
#include <sys/ioctl.h>

#include "vt-engine/transport.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/watch.h"
#include "vt-runtime/wipe.h"

typedef struct Command {
    uint64_t id;                 /* 0: of the answers without id, the oldest is its own */
    VtEngineAnswerFunc answered; /* NULL: no caller waits */
    void *opaque;
    bool oob;
    GString *text;       /* that is not sent yet; NULL: it is sent */
    GArray *descriptors; /* that are passed with it; NULL: none */
} Command;

struct VtEngineLink {
    const VtEngineLinkOps *ops;
    void *opaque;
    VtEngineTransport *transport;
    VtWatch *watch;
    GQueue commands;     /* of Command without answer, oldest first */
    GQueue held;         /* of Command, not sent: too many others have no answer yet */
    unsigned n_in_band;  /* in @commands */
    unsigned limit;      /* of @n_in_band; 0: none */
    GArray *descriptors; /* for the next command; NULL: none */
    uint64_t last_id;
    bool reading; /* a function of the caller may send */
    bool ended;
};

/* ---- writing -------------------------------------------------------------------------------------------- */

/* Reading notices a lost connection. */
static void
flush(VtEngineLink *link)
{
    if (!link->ended) {
        vt_engine_transport_send(link->transport, NULL);
        vt_watch_set(link->watch, vt_engine_transport_unsent(link->transport) ? G_IO_IN | G_IO_OUT : G_IO_IN);
    }
}

void
vt_engine_link_pass(VtEngineLink *link, GArray *descriptors)
{
    link->descriptors = descriptors;
}

void
vt_engine_link_set_limit(VtEngineLink *link, unsigned limit)
{
    link->limit = limit;
}

static void
queue(VtEngineLink *link, Command *command)
{
    if (command->descriptors) {
        vt_engine_transport_queue_descriptors(link->transport, g_steal_pointer(&command->descriptors));
    }
    vt_engine_transport_queue(link->transport, command->text->str, command->text->len);
    g_clear_pointer(&command->text, vt_wipe_string);
    g_queue_push_tail(&link->commands, command);
    link->n_in_band += !command->oob;
}

static void
command_free(Command *command)
{
    if (command->descriptors) {
        g_array_unref(command->descriptors);
    }
    vt_wipe_string(command->text);
    g_free(command);
}

/* Sends commands that had to wait, as many as the limit allows. */
static void
release(VtEngineLink *link)
{
    while (link->held.length && (!link->limit || link->n_in_band < link->limit)) {
        queue(link, g_queue_pop_head(&link->held));
    }
}

/* Appends the JSON @text without the white space between its parts. */
static void
append_tight(GString *to, VtSpan text)
{
    char quote = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.text[i];

        if (!quote && g_ascii_isspace(c)) {
            continue;
        }
        if (!quote && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        }
        g_string_append_c(to, c);
        if (quote && c == '\\' && i + 1 < text.len) {
            g_string_append_c(to, text.text[++i]);
        }
    }
}

/* {"execute":NAME,"arguments":ARGUMENTS}: QEMU takes a command byte by byte, at several microseconds each, so that
 * nothing is sent that it can do without.  It answers commands in order, except those out of band, which have an id. */
static GString *
message_of(const Command *command, const char *name, VtSpan arguments)
{
    GString *text = g_string_new(NULL);

    vt_wipe_reserve(text, arguments.len + strlen(name) + 64);
    g_string_append_printf(text, "{\"%s\":\"%s\"", command->oob ? "exec-oob" : "execute", name);
    if (arguments.text) {
        g_string_append(text, ",\"arguments\":");
        append_tight(text, arguments);
    }
    if (command->id) {
        g_string_append_printf(text, ",\"id\":%" G_GUINT64_FORMAT, command->id);
    }
    g_string_append_c(text, '}');
    return text;
}

static void
submit(VtEngineLink *link, const char *name, VtSpan arguments, bool oob, VtEngineAnswerFunc answered, void *opaque)
{
    Command *command = g_new(Command, 1);

    g_assert(!link->ended);
    *command = (Command){.id = oob ? ++link->last_id : 0, .answered = answered, .opaque = opaque, .oob = oob};
    command->text = message_of(command, name, arguments);
    command->descriptors = g_steal_pointer(&link->descriptors);
    if (oob) {
        queue(link, command);
    } else {
        g_queue_push_tail(&link->held, command);
        release(link);
    }
    /* Commands that answers trigger share one write. */
    if (!link->reading) {
        flush(link);
    }
}

void
vt_engine_link_send(VtEngineLink *link, const char *command, VtSpan arguments, VtEngineAnswerFunc answered,
                    void *opaque)
{
    submit(link, command, arguments, false, answered, opaque);
}

void
vt_engine_link_send_oob(VtEngineLink *link, const char *command, VtSpan arguments, VtEngineAnswerFunc answered,
                        void *opaque)
{
    submit(link, command, arguments, true, answered, opaque);
}

/* ---- reading -------------------------------------------------------------------------------------------- */

/* {"class": …, "desc": …} */
static GError *
error_of(VtSpan value)
{
    json_object *tree = vt_json_parse(value.text, value.len, NULL, NULL), *class = NULL, *desc = NULL;
    GError *error;

    json_object_object_get_ex(tree, "class", &class);
    json_object_object_get_ex(tree, "desc", &desc);
    error = g_error_new_literal(VT_ERROR, vt_error_code(class ? json_object_get_string(class) : ""),
                                desc ? json_object_get_string(desc) : "the engine reports an error without text");
    json_object_put(tree);
    return error;
}

/* @id: a NULL text is that of a command in band. */
static void
answer(VtEngineLink *link, VtSpan id, VtSpan value, const GError *error)
{
    uint64_t number = id.text ? g_ascii_strtoull(id.text, NULL, 10) : 0;

    for (GList *each = link->commands.head; each; each = each->next) {
        g_autofree Command *command = each->data;

        if (command->id == number) {
            g_queue_delete_link(&link->commands, each);
            link->n_in_band -= !command->oob;
            release(link);
            if (command->answered) {
                command->answered(command->opaque, value, error);
            }
            return;
        }
        g_steal_pointer(&command);
    }
}

static void
take(VtEngineLink *link, VtSpan message)
{
    VtJsonWalk walk;
    VtSpan key, value, id = {NULL, 0}, returned = {NULL, 0}, failed = {NULL, 0}, event = {NULL, 0},
                       greeting = {NULL, 0};

    vt_json_walk_init(&walk, message.text, message.len);
    while (vt_json_walk_next(&walk, &key, &value)) {
        VtSpan *slot = vt_span_is(key, "id")       ? &id
                       : vt_span_is(key, "return") ? &returned
                       : vt_span_is(key, "error")  ? &failed
                       : vt_span_is(key, "event")  ? &event
                       : vt_span_is(key, "QMP")    ? &greeting
                                                   : NULL;

        if (slot) {
            *slot = value;
        }
    }
    if (event.len > 2) {
        link->ops->event(link->opaque, (VtSpan){event.text + 1, event.len - 2}, message);
    } else if (greeting.text) {
        link->ops->greeting(link->opaque, greeting);
    } else if (failed.text) {
        g_autoptr(GError) error = error_of(failed);

        answer(link, id, failed, error);
    } else if (returned.text) {
        answer(link, id, returned, NULL);
    }
}

/* Commands without answer get an error. */
static void
fail_commands(VtEngineLink *link)
{
    g_autoptr(GError) error = g_error_new_literal(VT_ERROR, VT_ERROR_GENERIC, "the engine has ended");

    link->ended = true;
    vt_watch_set(link->watch, 0);
    while (link->commands.length || link->held.length) {
        Command *command = g_queue_pop_head(link->commands.length ? &link->commands : &link->held);

        if (command->answered) {
            command->answered(command->opaque, (VtSpan){NULL, 0}, error);
        }
        command_free(command);
    }
}

/* Returns false at the end of the connection. */
static bool
read_some(VtEngineLink *link)
{
    bool ok = vt_engine_transport_receive(link->transport, NULL);
    const char *text;
    size_t len;

    link->reading = true;
    while ((ok &= vt_engine_transport_next(link->transport, &text, &len, NULL)) && text) {
        take(link, (VtSpan){text, len});
    }
    link->reading = false;
    if (ok) {
        flush(link);
    }
    return ok;
}

static void
end(VtEngineLink *link)
{
    if (!link->ended) {
        fail_commands(link);
        link->ops->ended(link->opaque);
    }
}

static void
on_ready(void *opaque)
{
    VtEngineLink *link = opaque;

    flush(link);
    if (!read_some(link)) {
        end(link);
    }
}

void
vt_engine_link_end(VtEngineLink *link)
{
    int n = 0;

    while (!link->ended && ioctl(vt_engine_transport_fd(link->transport), FIONREAD, &n) == 0 && n > 0 &&
           read_some(link)) {
    }
    end(link);
}

bool
vt_engine_link_has_ended(const VtEngineLink *link)
{
    return link->ended;
}

VtEngineLink *
vt_engine_link_new(int fd, const VtEngineLinkOps *ops, void *opaque)
{
    VtEngineLink *link = g_new0(VtEngineLink, 1);

    link->ops = ops;
    link->opaque = opaque;
    link->transport = vt_engine_transport_new(fd);
    link->watch = vt_watch_new(fd, on_ready, link);
    vt_watch_set(link->watch, G_IO_IN);
    return link;
}

void
vt_engine_link_free(VtEngineLink *link)
{
    if (link) {
        fail_commands(link);
        if (link->descriptors) {
            g_array_unref(link->descriptors);
        }
        vt_watch_free(link->watch);
        vt_engine_transport_free(link->transport);
        g_free(link);
    }
}
