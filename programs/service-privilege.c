/* SPDX-License-Identifier: MIT */
#include "service-privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/library.h"

struct ServicePrivilege {
    const VtRunWithOptions *options;
    pid_t parent;
    int root; /* O_PATH descriptor of the new root; -1: none */
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    int n_groups;
};

/* ---- user ---------------------------------------------------------------------------------------------- */

static bool
unknown_user(const char *name, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const struct passwd *entry;
    const char *nearest;

    setpwent();
    while ((entry = getpwent())) {
        g_ptr_array_add(names, g_strdup(entry->pw_name));
    }
    endpwent();
    g_ptr_array_add(names, NULL);
    nearest = vt_nearest(name, (const char *const *)names->pdata);
    return nearest ? vt_error_set(error, "user: unknown user '%s'; did you mean '%s'?", name, nearest)
                   : vt_error_set(error, "user: unknown user '%s'; expected NAME or UID:GID", name);
}

/* The largest number is invalid: setresuid() takes it as "unchanged". */
static bool
parse_number(const char *text, size_t len, guint64 *ret_number)
{
    g_autofree char *number = g_strndup(text, len);

    return g_ascii_string_to_unsigned(number, 10, 0, G_MAXUINT32 - 1, ret_number, NULL);
}

static bool
find_numbers(ServicePrivilege *self, const char *text, GError **error)
{
    const char *colon = strchr(text, ':');
    guint64 uid, gid;

    if (!parse_number(text, (size_t)(colon - text), &uid) || !parse_number(colon + 1, strlen(colon + 1), &gid)) {
        return vt_error_set(error, "user: '%s' is not UID:GID; expected two numbers below %u", text, G_MAXUINT32);
    }
    self->uid = (uid_t)uid;
    self->gid = (gid_t)gid;
    self->groups = g_new(gid_t, 1);
    self->groups[0] = self->gid;
    self->n_groups = 1;
    return true;
}

/* Reads the groups now: /etc/group may be unreachable after chroot(). */
static bool
find_user(ServicePrivilege *self, const char *name, GError **error)
{
    const struct passwd *entry;

    if (strchr(name, ':')) {
        return find_numbers(self, name, error);
    }
    errno = 0;
    entry = getpwnam(name);
    if (!entry && (errno == 0 || errno == ENOENT || errno == ESRCH)) {
        return unknown_user(name, error);
    }
    if (!entry) {
        return vt_error_set(error, "user: '%s' cannot be looked up: %s", name, g_strerror(errno));
    }
    self->uid = entry->pw_uid;
    self->gid = entry->pw_gid;
    getgrouplist(name, self->gid, NULL, &self->n_groups);
    self->groups = g_new(gid_t, MAX(self->n_groups, 1));
    return getgrouplist(name, self->gid, self->groups, &self->n_groups) >= 0 ||
           vt_error_set(error, "user: the groups of '%s' cannot be looked up", name);
}

ServicePrivilege *
service_privilege_new(const VtRunWithOptions *options, pid_t parent, GError **error)
{
    g_autoptr(ServicePrivilege) self = g_new0(ServicePrivilege, 1);

    self->options = options;
    self->parent = parent;
    self->root = -1;
    if (options->user && !find_user(self, options->user, error)) {
        return NULL;
    }
    if (options->chroot) {
        self->root = open(options->chroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (self->root < 0) {
            vt_error_set(error, "chroot: '%s' cannot be opened: %s; expected a directory", options->chroot,
                         g_strerror(errno));
            return NULL;
        }
        /* Objects that are added later may need them, and the new root directory may lack them. */
        vt_libraries_load();
    }
    return g_steal_pointer(&self);
}

void
service_privilege_free(ServicePrivilege *self)
{
    if (self) {
        if (self->root >= 0) {
            close(self->root);
        }
        g_free(self->groups);
        g_free(self);
    }
}

bool
service_privilege_user(const ServicePrivilege *self, uid_t *ret_uid, gid_t *ret_gid)
{
    *ret_uid = self->uid;
    *ret_gid = self->gid;
    return self->options->user;
}

/* ---- parent process ------------------------------------------------------------------------------------ */

bool
service_privilege_follow_parent(const ServicePrivilege *self, GError **error)
{
    if (!self->options->exit_with_parent) {
        return true;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0) {
        return vt_error_set(error, "exit-with-parent: cannot be enabled: %s", g_strerror(errno));
    }
    /* The parent may have ended before prctl(). */
    if (getppid() != self->parent) {
        raise(SIGTERM);
    }
    return true;
}

/* ---- dropping privileges ------------------------------------------------------------------------------- */

static bool
change_root(ServicePrivilege *self, GError **error)
{
    if (self->root < 0) {
        return true;
    }
    if (fchdir(self->root) < 0 || chroot(".") < 0 || chdir("/") < 0) {
        return vt_error_set(error, "chroot: '%s' cannot become the root directory: %s", self->options->chroot,
                            g_strerror(errno));
    }
    /* A process with a descriptor of an outer directory could leave the new root. */
    close(self->root);
    self->root = -1;
    return true;
}

static bool
is_changed(const ServicePrivilege *self)
{
    uid_t uid, euid, suid;
    gid_t gid, egid, sgid;

    return getresuid(&uid, &euid, &suid) == 0 && getresgid(&gid, &egid, &sgid) == 0 && uid == self->uid &&
           euid == self->uid && suid == self->uid && gid == self->gid && egid == self->gid && sgid == self->gid &&
           (self->uid == 0 || (setuid(0) < 0 && (self->gid == 0 || setgid(0) < 0)));
}

static bool
change_user(const ServicePrivilege *self, GError **error)
{
    const char *user = self->options->user;

    if (!user) {
        return true;
    }
    if (setgroups((size_t)self->n_groups, self->groups) < 0 || setresgid(self->gid, self->gid, self->gid) < 0 ||
        setresuid(self->uid, self->uid, self->uid) < 0) {
        return vt_error_set(error, "user: cannot change to '%s': %s", user, g_strerror(errno));
    }
    return is_changed(self) || vt_error_set(error, "user: the privileges before '%s' can still be regained", user);
}

bool
service_privilege_drop(ServicePrivilege *self, GError **error)
{
    return change_root(self, error) && change_user(self, error);
}
