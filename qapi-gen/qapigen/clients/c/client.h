/* SPDX-License-Identifier: MIT */
/*
 * A QMP client for programs in C, over a Unix socket.  The stubs of the commands are in client-commands.h.
 *
 * Calls wait for the answer.  Use a client in one thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <json-c/json.h>

typedef struct QmpClient QmpClient;

#define QMP_CLIENT_ERROR (qmp_client_error_quark())

typedef enum QmpClientError {
    QMP_CLIENT_ERROR_CONNECTION, /* the connection failed, or the server does not speak QMP */
    QMP_CLIENT_ERROR_COMMAND,    /* the server refused the command; the message begins with the class */
} QmpClientError;

GQuark qmp_client_error_quark(void);

/* Connects and negotiates.  Returns NULL on error. */
QmpClient *qmp_client_new(const char *path, GError **error);
void qmp_client_free(QmpClient *client); /* NULL is a no-op */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpClient, qmp_client_free)

#define QMP_CLIENT_FILES_MAX 16

/* The next command sends @fd, which must be open until then, to the server: for add-fd and getfd.  Returns false and
 * sets @error if QMP_CLIENT_FILES_MAX descriptors wait. */
bool qmp_client_attach(QmpClient *client, int fd, GError **error);
/* Runs a command.  Takes ownership of @arguments; NULL: none.  Returns the value of the answer, a new reference, or
 * NULL on error. */
json_object *qmp_client_execute(QmpClient *client, const char *command, json_object *arguments, GError **error);
/* The oldest event that was not returned, a new reference.  Waits for one.  Returns NULL on error. */
json_object *qmp_client_next_event(QmpClient *client, GError **error);

/* ---- for the stubs ------------------------------------------------------------------------------------- */

#define QMP_CLIENT_ALWAYS UINT16_MAX

typedef enum QmpClientKind {
    QMP_CLIENT_STR,
    QMP_CLIENT_INT,
    QMP_CLIENT_UINT,
    QMP_CLIENT_BOOL,
    QMP_CLIENT_NUMBER,
    QMP_CLIENT_JSON, /* borrowed */
} QmpClientKind;

/* A member of a struct of arguments. */
typedef struct QmpClientRow {
    const char *name;
    uint16_t offset;
    uint16_t has; /* offset of a bool; QMP_CLIENT_ALWAYS: the argument is given, unless it is a pointer that is NULL */
    uint8_t kind; /* QmpClientKind */
} QmpClientRow;

json_object *qmp_client_call(QmpClient *client, const char *command, const QmpClientRow *rows, size_t n_rows,
                             const void *arguments, GError **error);
