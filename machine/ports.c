/* SPDX-License-Identifier: MIT */
/*
 * -serial, -parallel, -monitor, -debugcon and -gdb: one argument that describes a character device and its user.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"

/* ---- results of the functions -------------------------------------------------------------------------- */

static void
add(json_object *list, const char *option, json_object *value)
{
    json_object *template = json_object_new_object();

    json_object_object_add(template, "option", json_object_new_string(option));
    json_object_object_add(template, "value", value);
    json_object_array_add(list, template);
}

/* Doubles commas, as the value of a -chardev member requires. */
static char *
doubled(const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);

    return g_strjoinv(",,", parts);
}

/* ---- character devices --------------------------------------------------------------------------------- */

/* Converts HOST:PORT[,...] at @address to "host=HOST,port=PORT[,...]".  An IPv6 address is in brackets. */
static char *
endpoint(const char *address, const char *host_key, const char *port_key, const char *rest)
{
    const char *colon = strrchr(address, ':');
    size_t len = colon ? (size_t)(colon - address) : 0;

    if (!colon || !colon[1]) {
        return NULL;
    }
    if (len > 1 && address[0] == '[' && address[len - 1] == ']') {
        address++;
        len -= 2;
    }
    return g_strdup_printf("%s=%.*s,%s=%s%s", host_key, (int)len, address, port_key, colon + 1, rest);
}

/* HOST:PORT[@[LOCALHOST]:LOCALPORT] */
static char *
udp(const char *text)
{
    const char *at = strchr(text, '@');
    g_autofree char *there = at ? g_strndup(text, at - text) : g_strdup(text);
    g_autofree char *here = NULL;
    g_autofree char *rest = NULL;

    if (at) {
        here = endpoint(at + 1, "localaddr", "localport", "");
        if (!here) {
            return NULL;
        }
        rest = g_strconcat(",", here, NULL);
    }
    return endpoint(there, "host", "port", rest ? rest : "");
}

/* Converts HOST:PORT[,MEMBER...] to the arguments of -chardev socket, and appends @more. */
static char *
socket_of(const char *text, const char *more)
{
    const char *comma = strchr(text, ',');
    g_autofree char *address = comma ? g_strndup(text, comma - text) : g_strdup(text);
    g_autofree char *rest = g_strconcat(comma ? comma : "", more, NULL);
    g_autofree char *members = endpoint(address, "host", "port", rest);

    return members ? g_strconcat("socket,", members, NULL) : NULL;
}

/* Converts a short form to "backend,member=value..."; NULL if it is invalid. */
static char *
chardev_of(const char *text)
{
    static const char *const plain[] = {"null",    "pty",   "msmouse", "wctablet", "braille",
                                        "testdev", "stdio", "vc",      "ringbuf"};
    static const struct {
        const char *prefix, *backend;
    } paths[] = {{"file:", "file"}, {"pipe:", "pipe"}};
    static const struct {
        const char *prefix, *more;
    } protocols[] = {
        {"tcp:", ""}, {"telnet:", ",telnet=on"}, {"tn3270:", ",tn3270=on"}, {"websocket:", ",websocket=on"}};
    size_t len = strcspn(text, ":,");

    for (size_t i = 0; i < G_N_ELEMENTS(plain); i++) {
        if (strlen(plain[i]) == len && strncmp(text, plain[i], len) == 0 && text[len] != ':') {
            return g_strdup(text);
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        if (g_str_has_prefix(text, paths[i].prefix)) {
            g_autofree char *path = doubled(text + strlen(paths[i].prefix));

            return *path ? g_strdup_printf("%s,path=%s", paths[i].backend, path) : NULL;
        }
    }
    if (g_str_has_prefix(text, "/dev/")) {
        g_autofree char *path = doubled(text);

        return g_strdup_printf("%s,path=%s", g_str_has_prefix(text, "/dev/parport") ? "parallel" : "serial", path);
    }
    if (g_str_has_prefix(text, "unix:")) {
        return text[5] ? g_strdup_printf("socket,path=%s", text + 5) : NULL;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(protocols); i++) {
        if (g_str_has_prefix(text, protocols[i].prefix)) {
            return socket_of(text + strlen(protocols[i].prefix), protocols[i].more);
        }
    }
    if (g_str_has_prefix(text, "udp:")) {
        g_autofree char *members = udp(text + 4);

        return members ? g_strconcat("udp,", members, NULL) : NULL;
    }
    return NULL;
}

/* Returns the id of the character device that @text names.  If @text describes a new one, adds it to @list with the id
 * @id and the members @more. */
static char *
take_chardev(json_object *list, const char *text, const char *id, bool mux, const char *more, GError **error)
{
    g_autofree char *members = NULL;
    g_autofree char *whole = NULL;

    if (g_str_has_prefix(text, "chardev:") && text[8] && !mux) {
        return g_strdup(text + 8);
    }
    members = chardev_of(text);
    if (!members) {
        vt_error_set(error,
                     "'%.60s' is not a character device; expected chardev:ID, none, stdio, pty, null, file:PATH, "
                     "pipe:PATH, unix:PATH, tcp:HOST:PORT, telnet:HOST:PORT, udp:HOST:PORT or /dev/NAME",
                     text);
        return NULL;
    }
    /* The guest gets Ctrl+C from a terminal that it shares with the monitor. */
    whole = g_strdup_printf("%s,id=%s%s%s%s", members, id, mux ? ",mux=on" : "",
                            mux && strcmp(text, "stdio") == 0 ? ",signal=off" : "", more);
    add(list, "chardev", json_object_new_string(whole));
    return g_strdup(id);
}

static void
add_monitor(json_object *list, const char *chardev)
{
    json_object *mon = json_object_new_object();

    json_object_object_add(mon, "chardev", json_object_new_string(chardev));
    json_object_object_add(mon, "mode", json_object_new_string("readline"));
    add(list, "mon", mon);
}

static json_object *
expand_port(const char *option, const char *text, unsigned index, GError **error)
{
    json_object *list = json_object_new_array(), *port;
    bool mux = g_str_has_prefix(text, "mon:");
    g_autofree char *label = g_strdup_printf("%s%u", option, index);
    g_autofree char *id = NULL;

    if (strcmp(text, "none") == 0) {
        return list;
    }
    id = take_chardev(list, mux ? text + 4 : text, label, mux, "", error);
    if (!id) {
        json_object_put(list);
        return NULL;
    }
    port = json_object_new_object();
    json_object_object_add(port, "index", json_object_new_int64(index));
    json_object_object_add(port, "chardev", json_object_new_string(id));
    if (mux) {
        add_monitor(list, id);
    }
    add(list, option, port);
    return list;
}

json_object *
vt_expand_serial(const char *text, unsigned index, GError **error)
{
    return expand_port("serial", text, index, error);
}

json_object *
vt_expand_parallel(const char *text, unsigned index, GError **error)
{
    return expand_port("parallel", text, index, error);
}

json_object *
vt_expand_monitor(const char *text, unsigned index, GError **error)
{
    json_object *list = json_object_new_array();
    g_autofree char *label = g_strdup_printf("compat_monitor%u", index);
    g_autofree char *id = NULL;

    if (strcmp(text, "none") == 0) {
        return list;
    }
    id = take_chardev(list, text, label, false, "", error);
    if (!id) {
        json_object_put(list);
        return NULL;
    }
    add_monitor(list, id);
    return list;
}

/* The id of the character device @text of @option, or NULL. A prefix 'mon:' adds a monitor. */
static char *
take_port(json_object *list, const char *text, const char *option, const char *more, GError **error)
{
    bool mux = g_str_has_prefix(text, "mon:");
    g_autofree char *id = take_chardev(list, mux ? text + 4 : text, option, mux, more, error);

    if (id && mux) {
        add_monitor(list, id);
    }
    return g_steal_pointer(&id);
}

json_object *
vt_expand_debugcon(const char *text, G_GNUC_UNUSED unsigned index, GError **error)
{
    json_object *list = json_object_new_array(), *device;
    g_autofree char *id = take_port(list, text, "debugcon", "", error);

    if (!id) {
        json_object_put(list);
        return NULL;
    }
    device = json_object_new_object();
    json_object_object_add(device, "driver", json_object_new_string("isa-debugcon"));
    json_object_object_add(device, "chardev", json_object_new_string(id));
    add(list, "device", device);
    return list;
}

json_object *
vt_expand_gdb(const char *text, G_GNUC_UNUSED unsigned index, GError **error)
{
    json_object *list = json_object_new_array(), *stub;
    const char *more = g_str_has_prefix(text, "tcp:") ? ",wait=off,nodelay=on,server=on" : "";
    g_autofree char *id = NULL;

    if (strcmp(text, "none") == 0) {
        return list;
    }
    id = take_port(list, text, "gdb", more, error);
    if (!id) {
        json_object_put(list);
        return NULL;
    }
    stub = json_object_new_object();
    json_object_object_add(stub, "chardev", json_object_new_string(id));
    add(list, "gdb", stub);
    return list;
}
