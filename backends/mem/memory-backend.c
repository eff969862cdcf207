/* SPDX-License-Identifier: MIT */
/*
 * memory-backend: shared by the classes of memory: policy, mapping, unmapping.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "map.h"
#include "vt-gen/backends.h"
#include "vt-runtime/await.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

#define HOST_NODES_MAX 128
#define SOON           (UINT64_C(16) << 20) /* bytes that are allocated and freed without a noticeable delay */

typedef enum Setting { NOT_SET, SET_OFF, SET_ON } Setting;

typedef struct State {
    VtMemory memory;
    VtMapping mapping;
    bool mapped, discard;
    Setting merge, dump; /* set by the claim of its user */
    char *name;          /* memory.name */
} State;

const VtOps vt_ops_memory_backend;

/* ---- checks -------------------------------------------------------------------------------------------- */

static bool
check_policy(const VtMemoryBackend *config, GError **error)
{
    bool is_default = config->policy == VT_HOST_MEM_POLICY_DEFAULT;

    for (size_t i = 0; i < config->host_nodes.n; i++) {
        if (config->host_nodes.v[i] >= HOST_NODES_MAX) {
            return vt_error_set(error, "host-nodes: %u exceeds the maximum %d", config->host_nodes.v[i],
                                HOST_NODES_MAX - 1);
        }
    }
    if (is_default && config->host_nodes.n) {
        return vt_error_set(error, "host-nodes: not supported by policy 'default'; set another policy");
    }
    if (!is_default && !config->host_nodes.n) {
        return vt_error_set(error, "policy: requires host-nodes");
    }
    return true;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtMemoryBackend *config = vt_object_config(object);

    if (config->prealloc && !config->reserve) {
        return vt_error_set(error, "prealloc: 'on' requires reserve=on");
    }
    if (config->prealloc_context.target) {
        return vt_error_set(error, "prealloc-context: '%s' is not a thread context", config->prealloc_context.id);
    }
    return check_policy(config, error);
}

/* ---- settings from the configuration or a claim --------------------------------------------------------- */

static bool
settled(VtObject *object, const char *member, bool value, Setting setting, bool otherwise)
{
    if (vt_object_has(object, member)) {
        return value;
    }
    return setting == NOT_SET ? otherwise : setting == SET_ON;
}

/* These are hints: a kernel without KSM, or without core dumps, may ignore them. */
static void
advise(VtObject *object, State *state)
{
    const VtMemoryBackend *config = vt_object_config(object);
    VtMemory *memory = &state->memory;

    memory->merge = settled(object, "merge", config->merge, state->merge, false);
    memory->dump = settled(object, "dump", config->dump, state->dump, true);
    madvise(memory->base, memory->mapped, memory->merge ? MADV_MERGEABLE : MADV_UNMERGEABLE);
    madvise(memory->base, memory->mapped, memory->dump ? MADV_DODUMP : MADV_DONTDUMP);
}

static void
call_it(VtObject *object, State *state, const char *name)
{
    const VtMemoryBackend *config = vt_object_config(object);

    g_free(state->name);
    if (vt_object_has(object, "x-use-canonical-path-for-ramblock-id")) {
        state->name =
            config->x_use_canonical_path_for_ramblock_id ? vt_object_path(object) : g_strdup(vt_object_id(object));
    } else {
        state->name = g_strdup(name);
    }
    state->memory.name = state->name;
}

static bool
claim(VtObject *object, const VtClaim *claim, GError **error)
{
    State *state = vt_object_state(object, &vt_ops_memory_backend);

    (void)error;
    if (claim->ramblock_name) {
        call_it(object, state, claim->ramblock_name);
    }
    if (claim->merge >= 0) {
        state->merge = claim->merge ? SET_ON : SET_OFF;
    }
    if (claim->dump >= 0) {
        state->dump = claim->dump ? SET_ON : SET_OFF;
    }
    if (state->mapped) {
        advise(object, state);
    }
    return true;
}

/* ---- asynchronous preallocation, while other requests are served ----------------------------------------- */

typedef struct Ahead {
    VtMemory memory;
    VtMapping mapping; /* start is NULL: the object owns it and the descriptor */
    VtOwnPath *created;
    uint32_t threads;
    int cancelled; /* atomic */
    GError *failure;
} Ahead;

static void
ahead_run(void *opaque)
{
    Ahead *ahead = opaque;

    vt_memory_populate(&ahead->memory, ahead->threads, VT_POPULATE, &ahead->cancelled, &ahead->failure);
}

static void
ahead_cancel(void *opaque)
{
    Ahead *ahead = opaque;

    g_atomic_int_set(&ahead->cancelled, 1);
    vt_own_path_remove(g_steal_pointer(&ahead->created));
}

static void
ahead_free(void *opaque)
{
    Ahead *ahead = opaque;

    if (ahead->mapping.start) {
        vt_mapping_close(&ahead->mapping);
        if (ahead->memory.fd >= 0) {
            close(ahead->memory.fd);
        }
    }
    vt_own_path_remove(ahead->created);
    g_clear_error(&ahead->failure);
    g_free(ahead);
}

static char *
ahead_key(VtObject *object)
{
    return g_strdup_printf("prealloc of '%s'", vt_object_id(object));
}

/* Takes the object's memory, for a thread. */
static Ahead *
ahead_new(VtObject *object, State *state, VtOwnPath *created)
{
    const VtMemoryBackend *config = vt_object_config(object);
    Ahead *ahead = g_new(Ahead, 1);

    *ahead = (Ahead){
        .memory = state->memory, .mapping = state->mapping, .created = created, .threads = config->prealloc_threads};
    ahead->memory.name = NULL;
    state->mapped = false;
    state->memory = (VtMemory){.fd = -1};
    return ahead;
}

static bool
ahead_take(VtObject *object, State *state, Ahead *ahead, GError **error)
{
    state->memory = ahead->memory;
    state->memory.name = state->name;
    state->mapping = ahead->mapping;
    state->mapped = true;
    ahead->mapping.start = NULL;
    if (ahead->failure) {
        g_propagate_error(error, g_steal_pointer(&ahead->failure));
        return false;
    }
    vt_own_path_free(g_steal_pointer(&ahead->created));
    advise(object, state);
    return true;
}

/* In a request, fails until the memory is there; the request is then executed again.  At startup, waits. */
static bool
ahead_begin(VtObject *object, State *state, VtOwnPath *created, GError **error)
{
    static const VtWorkOps ops = {.run = ahead_run, .cancel = ahead_cancel, .free = ahead_free};
    g_autofree char *key = ahead_key(object);
    Ahead *ahead = ahead_new(object, state, created);
    bool ok;

    if (vt_await_is_possible()) {
        return vt_await(key, &ops, ahead, error);
    }
    if (!vt_await_at_startup(&ops, ahead)) {
        return vt_error_set(error, "prealloc: %s", g_strerror(errno));
    }
    ok = ahead_take(object, state, ahead, error);
    ahead_free(ahead);
    return ok;
}

/* ---- mapping -------------------------------------------------------------------------------------------- */

static bool
map(VtObject *object, const VtMemorySource *source, GError **error)
{
    const VtMemoryBackend *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_memory_backend);
    VtMemory *memory = &state->memory;

    *memory = (VtMemory){
        .name = state->name,
        .size = config->size,
        .page_size = vt_memory_page_size(source->fd),
        .fd = source->fd,
        .offset = source->offset,
        .shared = config->share,
        .read_only = source->read_only,
        .rom = source->rom,
    };
    if (!vt_mapping_open(&state->mapping, memory, source, config->reserve, error)) {
        if (source->fd >= 0) {
            close(source->fd);
        }
        return false;
    }
    /* From here on unrealize unmaps the memory, also if one of the next steps fails. */
    state->mapped = true;
    advise(object, state);
    return config->policy == VT_HOST_MEM_POLICY_DEFAULT ||
           vt_mapping_bind(memory, config->policy, config->host_nodes.v, config->host_nodes.n, error);
}

static bool
map_and_populate(VtObject *object, VtMemorySource *source, GError **error)
{
    const VtMemoryBackend *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_memory_backend);
    g_autofree char *key = config->prealloc ? ahead_key(object) : NULL;
    Ahead *ahead = key ? vt_await_done(key) : NULL;

    if (ahead) {
        if (source->fd >= 0) {
            close(source->fd);
        }
        return ahead_take(object, state, ahead, error);
    }
    if (!map(object, source, error)) {
        return false;
    }
    if (config->prealloc && state->memory.mapped > SOON) {
        return ahead_begin(object, state, g_steal_pointer(&source->created), error);
    }
    return !config->prealloc || vt_memory_populate(&state->memory, config->prealloc_threads, VT_POPULATE, NULL, error);
}

bool
vt_memory_map(VtObject *object, const VtMemorySource *source, GError **error)
{
    VtMemorySource taken = *source;

    if (!map_and_populate(object, &taken, error)) {
        vt_own_path_remove(taken.created);
        return false;
    }
    vt_own_path_free(taken.created);
    return true;
}

/* ---- unmapping, which takes as long as the kernel frees pages -------------------------------------------- */

typedef struct Last {
    VtMemory memory;
    VtMapping mapping;
    bool discard;
} Last;

static void
last_run(void *opaque)
{
    Last *last = opaque;

    if (last->discard) {
        madvise(last->memory.base, last->memory.mapped, MADV_REMOVE);
    }
    vt_mapping_close(&last->mapping);
    if (last->memory.fd >= 0) {
        close(last->memory.fd);
    }
}

static void
unrealize(VtObject *object)
{
    static const VtWorkOps ops = {.run = last_run, .free = g_free};
    State *state = vt_object_state(object, &vt_ops_memory_backend);
    Last last = {state->memory, state->mapping, state->discard};

    g_clear_pointer(&state->name, g_free);
    state->memory.name = NULL;
    if (!state->mapped) {
        return;
    }
    state->mapped = false;
    state->memory = (VtMemory){.fd = -1};
    if (last.memory.mapped > SOON) {
        vt_await_release(&ops, g_memdup2(&last, sizeof last));
    } else {
        last_run(&last);
    }
}

void
vt_memory_discard(VtObject *backend)
{
    State *state = vt_object_state(backend, &vt_ops_memory_backend);

    state->discard = true;
}

const VtMemory *
vt_memory_get(VtObject *backend)
{
    State *state;

    vt_assert_main();
    if (!vt_object_is_a(backend, "memory-backend")) {
        return NULL;
    }
    state = vt_object_state(backend, &vt_ops_memory_backend);
    return state->mapped ? &state->memory : NULL;
}

/* The subclass maps the memory: its realize runs after that of this class. */
const VtOps vt_ops_memory_backend = {
    .state_size = sizeof(State),
    .validate = validate,
    .unrealize = unrealize,
    .claim = claim,
};
