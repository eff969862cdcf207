/* SPDX-License-Identifier: MIT */
/* Watches: many descriptors of which few are ready, and callbacks that change other watches. */
#include "vt-runtime/watch.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vt-test.h"

#define N 40 /* more than one epoll_wait() returns */

typedef struct End {
    int fd, other;
    VtWatch *watch;
    unsigned count;
    VtWatch **frees; /* NULL: none */
} End;

static void
on_ready(void *opaque)
{
    End *end = opaque;

    end->count++;
    if (end->frees) {
        g_clear_pointer(end->frees, vt_watch_free);
    }
}

static void
end_init(End *end)
{
    int pair[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    *end = (End){.fd = pair[0], .other = pair[1]};
    end->watch = vt_watch_new(end->fd, on_ready, end);
}

static void
end_clear(End *end)
{
    vt_watch_free(end->watch);
    close(end->fd);
    if (end->other >= 0) {
        close(end->other);
    }
}

static void
turns(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
}

static int
lowest_free(void)
{
    int fd = dup(STDERR_FILENO);

    close(fd);
    return fd;
}

VT_TEST(conditions, "/watch/conditions")
{
    int before = lowest_free();
    End end;

    end_init(&end);
    vt_watch_set(end.watch, G_IO_OUT);
    turns(3);
    g_assert_cmpuint(end.count, ==, 3);
    vt_watch_set(end.watch, G_IO_IN);
    turns(3);
    g_assert_cmpuint(end.count, ==, 3);
    g_assert_cmpint(write(end.other, "x", 1), ==, 1);
    turns(2);
    g_assert_cmpuint(end.count, ==, 5);
    vt_watch_set(end.watch, 0);
    close(end.other);
    end.other = -1;
    turns(2);
    /* A hang-up is reported only to watches with conditions. */
    g_assert_cmpuint(end.count, ==, 5);
    vt_watch_set(end.watch, G_IO_OUT);
    turns(1);
    g_assert_cmpuint(end.count, ==, 6);
    end_clear(&end);
    g_assert_cmpint(lowest_free(), ==, before);
}

VT_TEST(rotation, "/watch/rotation")
{
    End ends[N];
    unsigned least = G_MAXUINT, most = 0;

    for (int i = 0; i < N; i++) {
        end_init(&ends[i]);
        vt_watch_set(ends[i].watch, G_IO_OUT);
    }
    turns(1);
    for (int i = 0; i < N; i++) {
        most += ends[i].count;
    }
    g_assert_cmpuint(most, <, N);
    turns(99);
    most = 0;
    for (int i = 0; i < N; i++) {
        least = MIN(least, ends[i].count);
        most = MAX(most, ends[i].count);
        end_clear(&ends[i]);
    }
    g_assert_cmpuint(least, >, 10);
    g_assert_cmpuint(most - least, <=, 1);
}

/* The first callback frees the other watch, whose callback must not run. */
VT_TEST(freed_in_turn, "/watch/freed-in-turn")
{
    End ends[2];

    for (int i = 0; i < 2; i++) {
        end_init(&ends[i]);
        vt_watch_set(ends[i].watch, G_IO_OUT);
    }
    ends[0].frees = &ends[1].watch;
    ends[1].frees = &ends[0].watch;
    turns(1);
    g_assert_cmpuint(ends[0].count + ends[1].count, ==, 1);
    turns(2);
    g_assert_cmpuint(ends[0].count + ends[1].count, ==, 3);
    end_clear(&ends[0]);
    end_clear(&ends[1]);
}

/* The last watch frees itself and the shared state. */
VT_TEST(frees_itself, "/watch/frees-itself")
{
    int before = lowest_free();
    End end;

    end_init(&end);
    end.frees = &end.watch;
    vt_watch_set(end.watch, G_IO_OUT);
    turns(3);
    g_assert_cmpuint(end.count, ==, 1);
    end_clear(&end);
    g_assert_cmpint(lowest_free(), ==, before);
}

static void
exercise_file(const char *path)
{
    End end = {.other = -1};

    end.fd = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(end.fd, >=, 0);
    end.watch = vt_watch_new(end.fd, on_ready, &end);
    vt_watch_set(end.watch, G_IO_IN);
    turns(3);
    g_assert_cmpuint(end.count, ==, 3);
    vt_watch_set(end.watch, G_IO_OUT);
    turns(2);
    g_assert_cmpuint(end.count, ==, 5);
    vt_watch_set(end.watch, 0);
    turns(2);
    g_assert_cmpuint(end.count, ==, 5);
    vt_watch_set(end.watch, G_IO_IN);
    end.frees = &end.watch;
    turns(2);
    g_assert_cmpuint(end.count, ==, 6);
    end_clear(&end);
}

/* epoll rejects both. */
VT_TEST(files, "/watch/files")
{
    exercise_file("/proc/self/exe");
    exercise_file("/dev/null");
}

/* The host cannot create the shared epoll descriptor. */
VT_TEST(no_descriptor, "/watch/no-descriptor")
{
    struct rlimit limit, none;
    End end;

    end_init(&end);
    vt_watch_free(end.watch);
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    none = (struct rlimit){(rlim_t)lowest_free(), limit.rlim_max};
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
    end.watch = vt_watch_new(end.fd, on_ready, &end);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    vt_watch_set(end.watch, G_IO_OUT);
    turns(3);
    g_assert_cmpuint(end.count, ==, 3);
    vt_watch_set(end.watch, G_IO_IN);
    turns(1);
    g_assert_cmpuint(end.count, ==, 3);
    end_clear(&end);
}
