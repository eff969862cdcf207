/* SPDX-License-Identifier: MIT */
#include "vt-runtime/fdset.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct Member {
    int64_t set;
    int fd;
    char *opaque;
} Member;

static GMutex lock;
static GArray *members; /* of Member, sorted by set; NULL: none */

static void
member_clear(void *opaque)
{
    Member *member = opaque;

    close(member->fd);
    g_free(member->opaque);
}

int64_t
vt_fdset_free_number(void)
{
    int64_t number = 0;

    g_mutex_lock(&lock);
    for (guint i = 0; members && i < members->len; i++) {
        int64_t set = g_array_index(members, Member, i).set;

        if (set > number) {
            break;
        }
        number = set + 1;
    }
    g_mutex_unlock(&lock);
    return number;
}

void
vt_fdset_add(int64_t set, int fd, const char *opaque)
{
    Member member = {set, fd, g_strdup(opaque)};
    guint at = 0;

    g_mutex_lock(&lock);
    if (!members) {
        members = g_array_new(FALSE, FALSE, sizeof(Member));
        g_array_set_clear_func(members, member_clear);
    }
    while (at < members->len && g_array_index(members, Member, at).set <= set) {
        at++;
    }
    g_array_insert_val(members, at, member);
    g_mutex_unlock(&lock);
}

bool
vt_fdset_remove(int64_t set, int fd)
{
    bool found = false;

    g_mutex_lock(&lock);
    for (guint i = members ? members->len : 0; i-- > 0;) {
        const Member *member = &g_array_index(members, Member, i);

        if (member->set == set && (fd == -1 || member->fd == fd)) {
            g_array_remove_index(members, i);
            found = true;
        }
    }
    if (members && !members->len) {
        g_clear_pointer(&members, g_array_unref);
    }
    g_mutex_unlock(&lock);
    return found;
}

GArray *
vt_fdset_list(void)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(VtFdsetEntry));

    g_mutex_lock(&lock);
    for (guint i = 0; members && i < members->len; i++) {
        const Member *member = &g_array_index(members, Member, i);
        VtFdsetEntry entry = {member->set, member->fd, member->opaque};

        g_array_append_val(list, entry);
    }
    g_mutex_unlock(&lock);
    return list;
}

bool
vt_fdset_of_path(const char *path, int64_t *ret_set)
{
    const char *number = path + strlen(VT_FDSET_PATH);

    return g_str_has_prefix(path, VT_FDSET_PATH) && g_ascii_isdigit(*number) &&
           g_ascii_string_to_signed(number, 10, 0, G_MAXINT64, ret_set, NULL);
}

int
vt_fdset_open(int64_t set, int flags)
{
    int chosen = -1, fd, number = ENOENT;

    g_mutex_lock(&lock);
    for (guint i = 0; members && i < members->len; i++) {
        const Member *member = &g_array_index(members, Member, i);
        int access = fcntl(member->fd, F_GETFL) & O_ACCMODE;

        if (member->set != set) {
            continue;
        }
        number = EACCES;
        if (access == (flags & O_ACCMODE)) {
            chosen = member->fd;
            break;
        }
        if (access == O_RDWR) {
            chosen = member->fd;
        }
    }
    fd = chosen < 0 ? -1 : fcntl(chosen, F_DUPFD_CLOEXEC, 0);
    number = chosen < 0 ? number : errno;
    g_mutex_unlock(&lock);
    errno = number;
    return fd;
}
