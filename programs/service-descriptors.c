/* SPDX-License-Identifier: MIT */
#include "service-descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/fdset.h"

struct ServiceDescriptors {
    GArray *open; /* of int; NULL: unknown */
    int failed;   /* errno of the failed opendir() */
    int handed;   /* number of descriptors from a service manager, which start after standard error */
};

/* Reads LISTEN_FDS, if LISTEN_PID is this process. */
static int
count_handed(void)
{
    const char *process = g_getenv("LISTEN_PID"), *count = g_getenv("LISTEN_FDS");
    guint64 pid, n;

    return process && count && g_ascii_string_to_unsigned(process, 10, 1, G_MAXINT, &pid, NULL) &&
                   pid == (guint64)getpid() && g_ascii_string_to_unsigned(count, 10, 0, G_MAXUINT16, &n, NULL)
               ? (int)n
               : 0;
}

ServiceDescriptors *
service_descriptors_new(void)
{
    ServiceDescriptors *self = g_new0(ServiceDescriptors, 1);
    DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry;

    if (!directory) {
        self->failed = errno;
        return self;
    }
    self->open = g_array_new(FALSE, FALSE, sizeof(int));
    self->handed = count_handed();
    while ((entry = readdir(directory))) {
        int fd = (int)g_ascii_strtoull(entry->d_name, NULL, 10);

        if (fd > STDERR_FILENO + self->handed && fd != dirfd(directory)) {
            g_array_append_val(self->open, fd);
        }
    }
    closedir(directory);
    return self;
}

void
service_descriptors_free(ServiceDescriptors *self)
{
    if (self) {
        g_clear_pointer(&self->open, g_array_unref);
        g_free(self);
    }
}

/* ---- descriptors that the command line names ------------------------------------------------------------- */

#define LATER "defer" /* a client names the descriptor when the program runs, so that all are named */

typedef struct Named {
    GHashTable *numbers;
    bool all;
} Named;

static void
name_number(Named *named, const char *text)
{
    guint64 number;

    if (g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &number, NULL)) {
        g_hash_table_add(named->numbers, GINT_TO_POINTER((int)number));
    }
}

static bool
is_named(const Named *named, int fd)
{
    return named->all || g_hash_table_contains(named->numbers, GINT_TO_POINTER(fd));
}

static void
name_text(const VtLayer *layer, const VtRow *row, const char *text, void *opaque)
{
    static const char *const places[] = {"/dev/fd/", "/proc/self/fd/"};
    Named *named = opaque;

    if (vt_row_features(layer, row) & VT_FEATURE_DESCRIPTOR) {
        g_auto(GStrv) parts = g_strsplit(text, ":", -1);

        for (char **part = parts; *part; part++) {
            name_number(named, *part);
        }
        named->all |= strcmp(text, LATER) == 0;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        if (g_str_has_prefix(text, places[i])) {
            name_number(named, text + strlen(places[i]));
        }
    }
}

/* The caller frees the numbers.  Reads no text if there is no descriptor that it could name. */
static Named
find_named(const ServiceDescriptors *self, const VtProgram *program, const VtCommandLine *line, VtVm *vm)
{
    Named named = {.numbers = g_hash_table_new(NULL, NULL)};
    g_autoptr(GPtrArray) objects = NULL;

    if (!self->open || !self->open->len) {
        return named;
    }
    objects = vt_vm_in_order(vm);
    for (guint i = 0; i < objects->len; i++) {
        vt_config_each_text(vt_object_full_config(objects->pdata[i]), name_text, &named);
    }
    vt_struct_each_text(vt_context_schema(vt_vm_context(vm)), program->options_type, vt_command_line_options(line),
                        name_text, &named);
    return named;
}

GArray *
service_descriptors_named(const ServiceDescriptors *self, const VtProgram *program, const VtCommandLine *line, VtVm *vm)
{
    Named named = find_named(self, program, line, vm);
    GArray *list = g_array_new(FALSE, FALSE, sizeof(int));

    for (guint i = 0; self->open && i < self->open->len; i++) {
        int fd = g_array_index(self->open, int, i);

        if (is_named(&named, fd)) {
            g_array_append_val(list, fd);
        }
    }
    g_hash_table_unref(named.numbers);
    return list;
}

bool
service_descriptors_close(const ServiceDescriptors *self, const VtProgram *program, const VtCommandLine *line, VtVm *vm,
                          GError **error)
{
    Named named;

    if (!self->open) {
        return vt_error_set(error, "inherited descriptors cannot be closed: /proc/self/fd: %s",
                            g_strerror(self->failed));
    }
    named = find_named(self, program, line, vm);
    for (guint i = 0; i < self->open->len; i++) {
        int fd = g_array_index(self->open, int, i);

        if (!is_named(&named, fd)) {
            close(fd);
        }
    }
    g_hash_table_unref(named.numbers);
    return true;
}

/* ---- sets -------------------------------------------------------------------------------------------------- */

/* Without a list, any open descriptor may be inherited. */
static bool
is_inherited(const ServiceDescriptors *self, int fd)
{
    for (guint i = 0; self->open && i < self->open->len; i++) {
        if (g_array_index(self->open, int, i) == fd) {
            return true;
        }
    }
    return !self->open || (fd > STDERR_FILENO && fd <= STDERR_FILENO + self->handed);
}

bool
service_descriptors_add_sets(const ServiceDescriptors *self, const VtCommandLine *line, const ServiceOptions *options,
                             GError **error)
{
    for (size_t i = 0; i < options->n_add_fd; i++) {
        const VtFdSetOptions *one = &options->add_fd[i];
        int copy = is_inherited(self, one->fd) ? fcntl(one->fd, F_DUPFD_CLOEXEC, 0) : -1;

        if (copy < 0) {
            return vt_error_set(error, "%s: fd: '%d' is not a descriptor that the process inherited",
                                vt_command_line_where(line, one), one->fd);
        }
        vt_fdset_add(one->set, copy, one->opaque);
    }
    /* From now on, the sets alone have it.  A descriptor may be in several sets, and is closed once: another thread may
     * use its number again. */
    for (size_t i = 0; i < options->n_add_fd; i++) {
        bool again = false;

        for (size_t k = 0; k < i; k++) {
            again = again || options->add_fd[k].fd == options->add_fd[i].fd;
        }
        if (!again) {
            close(options->add_fd[i].fd);
        }
    }
    return true;
}
