/* SPDX-License-Identifier: MIT */
/* Threads that increment a counter.  The sanitizer must report a race, unless an argument makes them lock. */
#include <glib.h>

static GMutex mutex;
static int count;

static gpointer
add(gpointer locked)
{
    for (int i = 0; i < 1000; i++) {
        if (locked) {
            g_mutex_lock(&mutex);
        }
        count++;
        if (locked) {
            g_mutex_unlock(&mutex);
        }
    }
    return NULL;
}

static gboolean
add_later(gpointer locked)
{
    add(locked);
    return G_SOURCE_REMOVE;
}

int
main(int argc, char **argv)
{
    gpointer locked = argc > 1 ? argv[1] : NULL;
    GThread *thread = g_thread_new("one", add, locked);

    g_idle_add(add_later, locked);
    g_main_context_iteration(NULL, TRUE);
    g_thread_join(thread);
    return count > 2000;
}
