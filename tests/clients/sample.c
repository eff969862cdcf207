/* SPDX-License-Identifier: MIT */
/*
 * A session by the generated stubs: prints what it reads.
 */
#include <fcntl.h>
#include <stdio.h>

#include "client-commands.h"

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QmpClient) client = argc == 2 ? qmp_client_new(argv[1], &error) : NULL;
    const QmpQomGet type = {.path = "/machine", .property = "type"};
    const QmpMigrateSetParameters parameters = {.has_downtime_limit = true, .downtime_limit = 7, .tls_hostname = NULL};
    const QmpObjectDel nothing = {.id = "nothing"};
    const QmpGetfd named = {.fdname = "null"};
    const QmpClosefd closed = {.fdname = "null"};
    const QmpAddFd set = {.has_fdset_id = true, .fdset_id = 7};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    json_object *value, *event;

    if (!client) {
        fprintf(stderr, "%s\n", error ? error->message : "a socket is required");
        return 1;
    }
    value = qmp_qom_get(client, &type, &error);
    printf("%s\n", json_object_get_string(value));
    json_object_put(value);
    json_object_put(qmp_migrate_set_parameters(client, &parameters, &error));
    value = qmp_query_migrate_parameters(client, &error);
    printf("%s\n", json_object_get_string(json_object_object_get(value, "downtime-limit")));
    json_object_put(value);
    g_assert(qmp_client_attach(client, null, &error));
    json_object_put(qmp_getfd(client, &named, &error));
    g_assert(qmp_client_attach(client, null, &error));
    value = qmp_add_fd(client, &set, &error);
    printf("%s\n", json_object_get_string(json_object_object_get(value, "fdset-id")));
    json_object_put(value);
    json_object_put(qmp_closefd(client, &closed, &error));
    json_object_put(qmp_cont(client, &error));
    event = qmp_client_next_event(client, &error);
    printf("%s\n", json_object_get_string(json_object_object_get(event, "event")));
    json_object_put(event);
    g_assert_no_error(error);
    g_assert(!qmp_object_del(client, &nothing, &error));
    g_assert_error(error, QMP_CLIENT_ERROR, QMP_CLIENT_ERROR_COMMAND);
    printf("%s\n", error->message);
    return 0;
}
