/* SPDX-License-Identifier: MIT */
/*
 * authz: applies the first rule that matches an identity, else the default policy.
 */
#include "authz.h"

#include <string.h>

#include "vt-backends/authz.h"
#include "vt-runtime/error.h"

typedef struct Rule {
    char *match;
    bool glob, allow;
} Rule;

struct VtAuthzRules {
    bool allow; /* policy where no rule matches */
    size_t n;
    Rule v[];
};

typedef struct State {
    GMutex lock;
    VtAuthzRules *rules; /* NULL: every identity is denied */
    char *why;           /* why there are no rules; shown with each denial */
} State;

VtAuthzRules *
vt_authz_rules_new(const VtAuthZListProperties *list)
{
    VtAuthzRules *rules = g_malloc0(sizeof *rules + list->rules.n * sizeof(Rule));

    rules->allow = list->policy == VT_Q_AUTH_Z_LIST_POLICY_ALLOW;
    rules->n = list->rules.n;
    for (size_t i = 0; i < rules->n; i++) {
        const VtQAuthZListRule *rule = &list->rules.v[i];

        rules->v[i] = (Rule){g_strdup(rule->match), rule->format == VT_Q_AUTH_Z_LIST_FORMAT_GLOB,
                             rule->policy == VT_Q_AUTH_Z_LIST_POLICY_ALLOW};
    }
    return rules;
}

void
vt_authz_rules_free(VtAuthzRules *rules)
{
    for (size_t i = 0; rules && i < rules->n; i++) {
        g_free(rules->v[i].match);
    }
    g_free(rules);
}

static bool
decide(const VtAuthzRules *rules, const char *identity)
{
    for (size_t i = 0; i < rules->n; i++) {
        const Rule *rule = &rules->v[i];

        if (rule->glob ? g_pattern_match_simple(rule->match, identity) : !strcmp(rule->match, identity)) {
            return rule->allow;
        }
    }
    return rules->allow;
}

bool
vt_authz_is_allowed(VtObject *authz, const char *identity, GError **error)
{
    State *state = vt_object_state(authz, &vt_ops_authz);
    g_autofree char *why = NULL;
    bool allowed;

    g_mutex_lock(&state->lock);
    allowed = state->rules && decide(state->rules, identity);
    why = g_strdup(state->why);
    g_mutex_unlock(&state->lock);
    return allowed || vt_error_set(error, "authz '%s' does not allow '%s'%s%s", vt_object_display(authz), identity,
                                   why ? ": " : "", why ? why : "");
}

void
vt_authz_set_rules(VtObject *authz, VtAuthzRules *rules, const char *why)
{
    State *state = vt_object_state(authz, &vt_ops_authz);
    VtAuthzRules *old_rules;
    char *old_why;

    g_mutex_lock(&state->lock);
    old_rules = g_steal_pointer(&state->rules);
    old_why = g_steal_pointer(&state->why);
    state->rules = rules;
    state->why = g_strdup(why);
    g_mutex_unlock(&state->lock);
    vt_authz_rules_free(old_rules);
    g_free(old_why);
}

static bool
realize(VtObject *object, GError **error)
{
    State *state = vt_object_state(object, &vt_ops_authz);

    (void)error;
    g_mutex_init(&state->lock);
    return true;
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_authz);

    vt_authz_set_rules(object, NULL, NULL);
    g_mutex_clear(&state->lock);
}

const VtOps vt_ops_authz = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
