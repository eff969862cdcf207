/* SPDX-License-Identifier: MIT */
/*
 * Asks what the guest may see of an upgrade.
 */
#include <stdio.h>
#include <string.h>

#include "tool-diff-output.h"
#include "tool-upgrade-output.h"

#define ANSWER_MAX 80

typedef enum Answer { YES, NO, END } Answer;

/* Asks until the answer is one of them.  An empty line, and the end of the input, are @otherwise and END. */
static Answer
ask_user(const char *question, const char *choices, Answer otherwise)
{
    char line[ANSWER_MAX];

    for (;;) {
        fprintf(stderr, "%s [%s] ", question, choices);
        fflush(stderr);
        if (!fgets(line, sizeof line, stdin)) {
            fputc('\n', stderr);
            return END;
        }
        g_strstrip(line);
        switch (g_ascii_tolower(line[0])) {
        case '\0':
            return otherwise;
        case 'y':
            return YES;
        case 'n':
            return NO;
        case 'q':
            return END;
        }
        fputs("expected y, n, or q to end\n", stderr);
    }
}

static void
accept_group(Upgrade *self, const DiffGroup *group)
{
    for (guint i = 0; i < self->changes->len; i++) {
        const VtDiff *change = &g_array_index(self->changes, VtDiff, i);

        if (g_strcmp0(change->property, group->first->property) == 0 &&
            g_ptr_array_find(group->keys, change->key, NULL)) {
            upgrade_accept(self, i);
        }
    }
}

/* Shows the changes of one group. */
static void
show_group(const GArray *changes, const DiffGroup *group)
{
    g_autoptr(GArray) of_group = g_array_new(FALSE, FALSE, sizeof(VtDiff));
    const DiffSection section = {NULL, of_group};
    const DiffSides sides = {NULL, NULL, false};

    for (guint i = 0; i < changes->len; i++) {
        const VtDiff *change = &g_array_index(changes, VtDiff, i);

        if (g_strcmp0(change->property, group->first->property) == 0 &&
            g_ptr_array_find(group->keys, change->key, NULL)) {
            g_array_append_vals(of_group, change, 1);
        }
    }
    diff_print_sections(&section, 1, &sides);
    fflush(stdout);
}

static bool
ask_about(Upgrade *self, UpgradeFate fate, const char *question, const char *choices, Answer otherwise, Answer accepts)
{
    g_autoptr(GArray) changes = upgrade_changes_new(self, fate);
    g_autoptr(GArray) groups = diff_groups_new(changes);

    for (guint i = 0; i < groups->len; i++) {
        const DiffGroup *group = &g_array_index(groups, DiffGroup, i);
        Answer answer;

        show_group(changes, group);
        answer = ask_user(question, choices, otherwise);
        if (answer == END) {
            return false;
        }
        if (answer == accepts) {
            accept_group(self, group);
        }
    }
    return true;
}

bool
upgrade_ask(Upgrade *self)
{
    return ask_about(self, UPGRADE_KEPT, "keep the old value?", "Y/n/q", YES, NO) &&
           ask_about(self, UPGRADE_FIXED, "no option keeps the old value; accept the new one?", "y/N/q", NO, YES);
}
