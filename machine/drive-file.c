/* SPDX-License-Identifier: MIT */
/*
 * File names of drives, with the prefixes of the block drivers that are not files.
 */
#include "drive.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/fdset.h"
#include "vt-runtime/output.h"

void
vt_drive_add(GArray *settings, const char *prefix, const char *key, const char *value)
{
    VtDriveSetting setting = {0};

    setting.key = g_strconcat(prefix, *prefix ? "." : "", key, NULL);
    setting.value = g_strdup(value);
    g_array_append_val(settings, setting);
}

/* What a parser of a file name writes to. */
typedef struct Node {
    GArray *settings;
    const char *prefix;
    const char *name; /* the whole file name */
    const char *driver;
} Node;

static void
add(const Node *node, const char *key, const char *value)
{
    if (value && *value) {
        vt_drive_add(node->settings, node->prefix, key, value);
    }
}

static bool
fail(const Node *node, const char *expected, GError **error)
{
    return vt_error_set(error, "file: '%.200s' is not a file name of driver '%s'; expected %s", node->name,
                        node->driver, expected);
}

/* ---- URIs ---------------------------------------------------------------------------------------------- */

static char *
query_of(GUri *uri, const char *key)
{
    const char *query = g_uri_get_query(uri);
    g_autoptr(GHashTable) params = query ? g_uri_parse_params(query, -1, "&", G_URI_PARAMS_NONE, NULL) : NULL;
    const char *value = params ? g_hash_table_lookup(params, key) : NULL;

    return g_strdup(value);
}

static char *
port_of(GUri *uri, const char *otherwise)
{
    return g_uri_get_port(uri) > 0 ? g_strdup_printf("%d", g_uri_get_port(uri)) : g_strdup(otherwise);
}

/* "server.type=unix,server.path=…" or "server.type=inet,server.host=…,server.port=…" below @server. */
static bool
add_server(const Node *node, GUri *uri, const char *server, bool typed, const char *port)
{
    g_autofree char *type = g_strconcat(server, ".type", NULL), *path = g_strconcat(server, ".path", NULL);
    g_autofree char *host = g_strconcat(server, ".host", NULL), *number = g_strconcat(server, ".port", NULL);
    g_autofree char *socket = query_of(uri, "socket"), *port_text = port_of(uri, port);

    if (typed) {
        add(node, type, strstr(g_uri_get_scheme(uri), "+unix") ? "unix" : "inet");
    }
    if (strstr(g_uri_get_scheme(uri), "+unix")) {
        add(node, path, socket);
        return socket != NULL;
    }
    add(node, host, g_uri_get_host(uri));
    if (port_text) {
        add(node, number, port_text);
    }
    return g_uri_get_host(uri) && *g_uri_get_host(uri);
}

static bool
nbd_uri(const Node *node, GUri *uri, GError **error)
{
    const char *export = g_uri_get_path(uri);

    if (!add_server(node, uri, "server", true, "10809")) {
        return fail(node, "nbd://HOST[:PORT][/EXPORT] or nbd+unix:///[EXPORT]?socket=PATH", error);
    }
    add(node, "export", *export == '/' ? export + 1 : export);
    return true;
}

/* PART/REST of a path that starts with '/': the part before the last '/' or, with @first, before the first one. */
static bool
split_path(GUri *uri, bool first, char **ret_part, char **ret_rest)
{
    const char *path = g_uri_get_path(uri), *slash;

    path += *path == '/';
    slash = first ? strchr(path, '/') : strrchr(path, '/');
    if (!slash || slash == path || !slash[1]) {
        return false;
    }
    *ret_part = g_strndup(path, (size_t)(slash - path));
    *ret_rest = g_strdup(slash + 1);
    return true;
}

static bool
iscsi_uri(const Node *node, GUri *uri, GError **error)
{
    g_autofree char *target = NULL, *lun = NULL, *portal = NULL, *port = port_of(uri, NULL);
    const char *host = g_uri_get_host(uri);

    if (!host || !*host || !split_path(uri, false, &target, &lun)) {
        return fail(node, "iscsi://[USER@]HOST[:PORT]/TARGET/LUN", error);
    }
    portal = g_strconcat(host, port ? ":" : "", port ? port : "", NULL);
    add(node, "transport", strcmp(g_uri_get_scheme(uri), "iser") == 0 ? "iser" : "tcp");
    add(node, "portal", portal);
    add(node, "target", target);
    add(node, "lun", lun);
    add(node, "user", g_uri_get_user(uri));
    return true;
}

static bool
ssh_uri(const Node *node, GUri *uri, GError **error)
{
    g_autofree char *check = query_of(uri, "host_key_check");

    if (!add_server(node, uri, "server", false, "22") || !g_uri_get_path(uri)[0]) {
        return fail(node, "ssh://[USER@]HOST[:PORT]/PATH[?host_key_check=no|yes]", error);
    }
    add(node, "path", g_uri_get_path(uri));
    add(node, "user", g_uri_get_user(uri));
    if (check) {
        add(node, "host-key-check.mode", strcmp(check, "no") == 0 ? "none" : "known_hosts");
    }
    return true;
}

static bool
gluster_uri(const Node *node, GUri *uri, GError **error)
{
    g_autofree char *volume = NULL, *path = NULL;

    if (!split_path(uri, true, &volume, &path) || !add_server(node, uri, "server.0", true, "24007")) {
        return fail(node, "gluster[+tcp|+unix]://[HOST[:PORT]]/VOLUME/PATH[?socket=PATH]", error);
    }
    add(node, "volume", volume);
    add(node, "path", path);
    return true;
}

static bool
nfs_uri(const Node *node, GUri *uri, GError **error)
{
    static const struct {
        const char *key, *member;
    } keys[] = {{"uid", "user"},
                {"gid", "group"},
                {"tcp-syncnt", "tcp-syn-count"},
                {"readahead", "readahead-size"},
                {"pagecache", "page-cache-size"},
                {"debug", "debug"}};

    if (!g_uri_get_host(uri) || !*g_uri_get_host(uri) || !g_uri_get_path(uri)[0]) {
        return fail(node, "nfs://HOST/PATH", error);
    }
    add(node, "server.type", "inet");
    add(node, "server.host", g_uri_get_host(uri));
    add(node, "path", g_uri_get_path(uri));
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *value = query_of(uri, keys[i].key);

        add(node, keys[i].member, value);
    }
    return true;
}

/* ---- PREFIX:TEXT --------------------------------------------------------------------------------------- */

static bool
url_text(const Node *node, const char *text, GError **error)
{
    (void)text, (void)error;
    add(node, "url", node->name);
    return true;
}

static bool
null_text(const Node *node, const char *text, GError **error)
{
    (void)node, (void)text, (void)error;
    return true;
}

/* nvme://DOMAIN:BUS:SLOT.FUNCTION/NAMESPACE, which is no URI */
static bool
nvme_text(const Node *node, const char *text, GError **error)
{
    const char *slash = strrchr(text, '/');
    g_autofree char *device = slash ? g_strndup(text, (size_t)(slash - text)) : NULL;

    if (!slash || slash == text || !slash[1]) {
        return fail(node, "nvme://DOMAIN:BUS:SLOT.FUNCTION/NAMESPACE", error);
    }
    add(node, "device", device);
    add(node, "namespace", slash + 1);
    return true;
}

static bool
path_text(const Node *node, const char *text, GError **error)
{
    vt_drive_add(node->settings, node->prefix, "filename", text);
    (void)error;
    return true;
}

/* nbd:HOST:PORT[:exportname=NAME], nbd:unix:PATH[:exportname=NAME] */
static bool
nbd_text(const Node *node, const char *text, GError **error)
{
    const char *export = strstr(text, ":exportname="), *end = export ? export : text + strlen(text);
    g_autofree char *address = g_strndup(text, (size_t)(end - text)), *host = NULL;
    const char *colon = strrchr(address, ':');

    add(node, "export", export ? export + strlen(":exportname=") : NULL);
    if (g_str_has_prefix(address, "unix:") && address[5]) {
        add(node, "server.type", "unix");
        add(node, "server.path", address + 5);
        return true;
    }
    if (!colon || colon == address || !colon[1]) {
        return fail(node, "nbd:HOST:PORT[:exportname=NAME] or nbd:unix:PATH[:exportname=NAME]", error);
    }
    host = address[0] == '[' && colon[-1] == ']' ? g_strndup(address + 1, (size_t)(colon - address) - 2)
                                                 : g_strndup(address, (size_t)(colon - address));
    add(node, "server.type", "inet");
    add(node, "server.host", host);
    add(node, "server.port", colon + 1);
    return true;
}

/* The text up to one of the characters of @stops; '\\' quotes a character.  Moves *@text there. */
static char *
unquoted(const char **text, const char *stops)
{
    GString *part = g_string_new(NULL);
    const char *c = *text;

    for (; *c && !strchr(stops, *c); c++) {
        c += *c == '\\' && c[1];
        g_string_append_c(part, *c);
    }
    *text = c;
    return g_string_free(part, FALSE);
}

/* The monitors of Ceph: HOST[:PORT], separated by ';' or spaces. */
static void
rbd_monitors(const Node *node, const char *list)
{
    g_auto(GStrv) hosts = g_strsplit_set(list, "; ,", -1);
    unsigned n = 0;

    for (unsigned i = 0; hosts[i]; i++) {
        char *colon = strrchr(hosts[i], ':');
        bool port = colon && (strchr(hosts[i], ':') == colon || colon[-1] == ']');
        size_t len = port ? (size_t)(colon - hosts[i]) : strlen(hosts[i]);
        bool brackets = len > 2 && hosts[i][0] == '[' && hosts[i][len - 1] == ']';
        g_autofree char *host = g_strndup(hosts[i] + brackets, len - (brackets ? 2 : 0));
        g_autofree char *host_key = g_strdup_printf("server.%u.host", n);
        g_autofree char *port_key = g_strdup_printf("server.%u.port", n);

        if (*host) {
            add(node, host_key, host);
            add(node, port_key, port ? colon + 1 : "6789");
            n++;
        }
    }
}

static bool
rbd_setting(const Node *node, const char *key, const char *value, GError **error)
{
    if (strcmp(key, "id") == 0) {
        add(node, "user", value);
    } else if (strcmp(key, "conf") == 0) {
        add(node, "conf", value);
    } else if (strcmp(key, "mon_host") == 0) {
        rbd_monitors(node, value);
    } else if (strcmp(key, "auth_supported") == 0 || strcmp(key, "auth_client_required") == 0) {
        g_auto(GStrv) modes = g_strsplit_set(value, "; ,", -1);

        for (unsigned i = 0, n = 0; modes[i]; i++) {
            g_autofree char *member = g_strdup_printf("auth-client-required.%u", n);

            add(node, member, modes[i]);
            n += *modes[i] != '\0';
        }
    } else {
        return vt_error_set(error, "file: '%.200s' sets '%s'; expected id, conf, mon_host or auth_supported",
                            node->name, key);
    }
    return true;
}

/* An image of Ceph by pool, namespace and name, with a snapshot and settings. */
static bool
rbd_text(const Node *node, const char *text, GError **error)
{
    g_autofree char *pool = unquoted(&text, "/:"), *image = NULL;
    const char *slash;
    char *at;

    if (*text != '/' || !*pool) {
        return fail(node, "rbd:POOL/[NAMESPACE/]IMAGE[@SNAPSHOT][:KEY=VALUE...]", error);
    }
    text++;
    image = unquoted(&text, ":");
    at = strchr(image, '@');
    if (at) {
        *at = '\0';
        add(node, "snapshot", at + 1);
    }
    slash = strchr(image, '/');
    if (slash) {
        g_autofree char *namespace = g_strndup(image, (size_t)(slash - image));

        add(node, "namespace", namespace);
    }
    add(node, "pool", pool);
    add(node, "image", slash ? slash + 1 : image);
    while (*text == ':') {
        g_autofree char *key = NULL, *value = NULL;

        text++;
        key = unquoted(&text, "=:");
        text += *text == '=';
        value = unquoted(&text, ":");
        if (!rbd_setting(node, key, value, error)) {
            return false;
        }
    }
    return true;
}

/* fat:[rw:|ro:][floppy:][12:|16:|32:][label=LABEL:]DIRECTORY */
static bool
fat_text(const Node *node, const char *text, GError **error)
{
    static const struct {
        const char *prefix, *member, *value;
    } flags[] = {{"rw:", "rw", "on"},       {"ro:", "rw", "off"},      {"floppy:", "floppy", "on"},
                 {"12:", "fat-type", "12"}, {"16:", "fat-type", "16"}, {"32:", "fat-type", "32"}};
    bool found = true;

    while (found) {
        found = false;
        for (size_t i = 0; i < G_N_ELEMENTS(flags) && !found; i++) {
            found = g_str_has_prefix(text, flags[i].prefix);
            if (found) {
                add(node, flags[i].member, flags[i].value);
                text += strlen(flags[i].prefix);
            }
        }
        if (!found && g_str_has_prefix(text, "label=") && strchr(text, ':')) {
            const char *end = strchr(text, ':');
            g_autofree char *label = g_strndup(text + 6, (size_t)(end - text) - 6);

            add(node, "label", label);
            text = end + 1;
            found = true;
        }
    }
    if (!*text) {
        return fail(node, "fat:[rw:][floppy:][12:|16:|32:][label=LABEL:]DIRECTORY", error);
    }
    add(node, "dir", text);
    return true;
}

/* blkdebug:[CONFIG]:FILE */
static bool
blkdebug_text(const Node *node, const char *text, GError **error)
{
    const char *colon = strchr(text, ':');
    g_autofree char *config = colon ? g_strndup(text, (size_t)(colon - text)) : NULL;
    g_autofree char *image = g_strconcat(node->prefix, *node->prefix ? "." : "", "image", NULL);

    if (!colon || !colon[1]) {
        return fail(node, "blkdebug:[CONFIG]:FILE", error);
    }
    add(node, "config", config);
    return vt_drive_add_file(node->settings, image, colon + 1, error);
}

/* ---- drivers ------------------------------------------------------------------------------------------- */

static const struct {
    const char *prefix, *driver;
    bool (*text)(const Node *node, const char *text, GError **error);
    bool (*uri)(const Node *node, GUri *uri, GError **error);
} names[] = {
    {"nbd://", "nbd", NULL, nbd_uri},
    {"nbd+tcp://", "nbd", NULL, nbd_uri},
    {"nbd+unix://", "nbd", NULL, nbd_uri},
    {"nbd:", "nbd", nbd_text, NULL},
    {"rbd:", "rbd", rbd_text, NULL},
    {"iscsi://", "iscsi", NULL, iscsi_uri},
    {"iser://", "iscsi", NULL, iscsi_uri},
    {"http://", "http", url_text, NULL},
    {"https://", "https", url_text, NULL},
    {"ftp://", "ftp", url_text, NULL},
    {"ftps://", "ftps", url_text, NULL},
    {"ssh://", "ssh", NULL, ssh_uri},
    {"gluster://", "gluster", NULL, gluster_uri},
    {"gluster+tcp://", "gluster", NULL, gluster_uri},
    {"gluster+unix://", "gluster", NULL, gluster_uri},
    {"nfs://", "nfs", NULL, nfs_uri},
    {"nvme://", "nvme", nvme_text, NULL},
    {"null-co://", "null-co", null_text, NULL},
    {"null-aio://", "null-aio", null_text, NULL},
    {"fat:", "vvfat", fat_text, NULL},
    {"blkdebug:", "blkdebug", blkdebug_text, NULL},
    {"host_device:", "host_device", path_text, NULL},
    {"host_cdrom:", "host_cdrom", path_text, NULL},
    {"file:", "file", path_text, NULL},
};

bool
vt_drive_is_protocol(const char *driver)
{
    static const char *const others[] = {
        "io_uring",  "nvme-io_uring", "virtio-blk-vfio-pci", "virtio-blk-vhost-user", "virtio-blk-vhost-vdpa", "quorum",
        "blkverify", "blkreplay"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(driver, names[i].driver) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (strcmp(driver, others[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void
add_json(GArray *settings, const char *prefix, json_object *value)
{
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach (value, key, member) {
            g_autofree char *whole = g_strconcat(prefix, *prefix ? "." : "", key, NULL);

            add_json(settings, whole, member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            g_autofree char *whole = g_strdup_printf("%s.%zu", prefix, i);

            add_json(settings, whole, json_object_array_get_idx(value, i));
        }
    } else if (json_object_is_type(value, json_type_boolean)) {
        vt_drive_add(settings, "", prefix, json_object_get_boolean(value) ? "on" : "off");
    } else {
        vt_drive_add(settings, "", prefix, value ? json_object_get_string(value) : "");
    }
}

static bool
add_json_file(GArray *settings, const char *prefix, const char *text, GError **error)
{
    json_object *tree = vt_json_parse(text, strlen(text), "file", error);
    bool ok = tree && json_object_is_type(tree, json_type_object);

    if (tree && !ok) {
        vt_error_set(error, "file: expected an object after 'json:'");
    }
    if (ok) {
        add_json(settings, prefix, tree);
    }
    json_object_put(tree);
    return ok;
}

/* A path with a prefix such as "foo:", which no driver has. */
static bool
has_unknown_prefix(const char *file)
{
    size_t len = strcspn(file, ":/");

    return len > 0 && file[len] == ':';
}

bool
vt_drive_add_file(GArray *settings, const char *prefix, const char *file, GError **error)
{
    /* A device of the host by its path; files in shared memory are no devices. */
    bool device = g_str_has_prefix(file, "/dev/") && !g_str_has_prefix(file, "/dev/shm/") &&
                  !g_str_has_prefix(file, VT_FDSET_PATH);
    const char *driver = !device ? "file" : g_str_has_prefix(file, "/dev/cdrom") ? "host_cdrom" : "host_device";

    if (g_str_has_prefix(file, "json:")) {
        return add_json_file(settings, prefix, file + strlen("json:"), error);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const Node node = {settings, prefix, file, names[i].driver};
        g_autoptr(GUri) uri = NULL;

        if (!g_str_has_prefix(file, names[i].prefix)) {
            continue;
        }
        vt_drive_add(settings, prefix, "driver", names[i].driver);
        if (names[i].text) {
            return names[i].text(&node, file + strlen(names[i].prefix), error);
        }
        uri = g_uri_parse(file, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_NON_DNS, NULL);
        return uri ? names[i].uri(&node, uri, error) : fail(&node, "a URI", error);
    }
    if (has_unknown_prefix(file)) {
        return vt_error_set(error,
                            "file: unknown protocol '%.*s'; expected a path, nbd, rbd, iscsi, http, https, ftp, ssh, "
                            "gluster, nfs, nvme, fat or json",
                            (int)strcspn(file, ":"), file);
    }
    vt_drive_add(settings, prefix, "driver", driver);
    vt_drive_add(settings, prefix, "filename", file);
    return true;
}
