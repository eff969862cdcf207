/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <string.h>

#include "vt-runtime/output.h"

GString *world_log;
const char *world_fails;
VtAnswer world_fast, world_call;

/* ---- behaviour -------------------------------------------------------------------------------------- */

static bool
log_realize(VtObject *object, GError **error)
{
    if (world_fails && g_strcmp0(vt_object_id(object), world_fails) == 0) {
        return vt_error_set(error, "no luck");
    }
    g_string_append_printf(world_log, "+%s ", vt_object_display(object));
    return true;
}

static void
log_unrealize(VtObject *object)
{
    g_string_append_printf(world_log, "-%s ", vt_object_display(object));
}

static bool
refuse_speed(VtObject *object, GError **error)
{
    const VtToyDevice *toy = vt_object_config(object);

    return toy->speed != 13 || vt_error_set(error, "speed 13 is unlucky");
}

static bool
refuse_turbo(VtObject *object, const VtProp *prop, GError **error)
{
    const VtPlainToy *toy = vt_object_config(object);

    g_assert_cmpstr(prop->name, ==, "mode");
    return toy->mode != VT_MODE_TURBO || vt_error_set(error, "no turbo here");
}

/* A chain: a claim on the first object is passed to the next. */
static bool
pass_on(VtObject *object, const VtClaim *claim, GError **error)
{
    const VtStoreRam *ram = vt_object_config(object);

    return !ram->next.target || vt_backend_claim(object, &ram->next, claim, error);
}

#define LOGGED .realize = log_realize, .unrealize = log_unrealize

const VtOps vt_ops_store_ram = {LOGGED, .claim = pass_on};
const VtOps vt_ops_wire_tap = {LOGGED};
const VtOps vt_ops_wire_user = {LOGGED};
const VtOps vt_ops_toy_device = {.validate = refuse_speed};
const VtOps vt_ops_inner = {LOGGED};
const VtOps vt_ops_inner_toy = {LOGGED};
const VtOps vt_ops_plain_toy = {LOGGED, .set = refuse_turbo, .state_size = 24};
const VtOps vt_ops_toy_q = {LOGGED};
const VtOps vt_ops_toy_i = {LOGGED};

/* ---- the bus ---------------------------------------------------------------------------------------- */

typedef struct Slots {
    VtObject *at[32];
} Slots;

static bool
is_fixed(const VtBus *bus, const VtObject *device)
{
    (void)bus;
    return vt_config_given(vt_object_full_config(device),
                           vt_class_prop(vt_object_class(device), "addr", strlen("addr")));
}

static const char *
reserved_by(const VtBus *bus, unsigned slot)
{
    for (const char **r = bus->reserved; *r; r += 2) {
        if (strtoul(r[0], NULL, 10) == slot) {
            return r[1];
        }
    }
    return NULL;
}

static bool
has_room(VtBus *bus, VtObject *device)
{
    const Slots *slots = bus->state;

    (void)device;
    for (unsigned i = bus->slots[0].first; i <= bus->slots[0].last; i++) {
        if (!slots->at[i] && !reserved_by(bus, i)) {
            return true;
        }
    }
    return false;
}

static bool
place(VtBus *bus, VtObject *device, GError **error)
{
    Slots *slots = bus->state;
    unsigned slot = ((const VtToyDevice *)vt_object_config(device))->addr;

    if (!is_fixed(bus, device)) {
        for (slot = bus->slots[0].first; slots->at[slot] || reserved_by(bus, slot); slot++) {
        }
        vt_object_settle_uint(device, "addr", slot);
    }
    if (reserved_by(bus, slot)) {
        return vt_error_set(error, "slot %u of %s belongs to %s", slot, bus->name, reserved_by(bus, slot));
    }
    if (slots->at[slot]) {
        return vt_error_set(error, "slot %u of %s is taken by '%s'", slot, bus->name,
                            vt_object_display(slots->at[slot]));
    }
    slots->at[slot] = device;
    return true;
}

static void
leave(VtBus *bus, VtObject *device)
{
    Slots *slots = bus->state;

    for (unsigned i = 0; i < G_N_ELEMENTS(slots->at); i++) {
        if (slots->at[i] == device) {
            slots->at[i] = NULL;
        }
    }
}

static int
compare(const VtObject *a, const VtObject *b)
{
    const VtToyDevice *x = vt_object_config(a), *y = vt_object_config(b);

    return (int)x->addr - (int)y->addr;
}

#define TOY_BUS                                                                                                        \
    {                                                                                                                  \
        sizeof(Slots), place, leave, is_fixed, has_room, compare                                                       \
    }

const VtBusOps vt_bus_ops_toy_bus = TOY_BUS;
const VtBusOps vt_bus_ops_toy_express = TOY_BUS;
const VtBusOps vt_bus_ops_inner_bus = {0};

/* ---- derived values, probes ---------------------------------------------------------------------------- */

uint16_t
vt_derive_toy_queues(uint32_t cpus, const char *type)
{
    g_assert_cmpstr(type, ==, "inner-bus");
    return (uint16_t)cpus;
}

uint32_t
vt_derive_toy_twice(uint16_t queues, uint16_t given_queues)
{
    return queues * 2u + (given_queues == 65535 ? 1000 : 0);
}

const char *
vt_derive_toy_hint(const char *store, uint64_t size, uint64_t page_size)
{
    static char text[64];

    g_assert_cmpuint(page_size, >=, 4096);
    if (!store) {
        return NULL;
    }
    g_snprintf(text, sizeof(text), "%s of %u", store, (unsigned)size);
    return text;
}

uint32_t
vt_derive_toy_area(uint32_t base)
{
    return base * base;
}

uint32_t
vt_derive_toy_half(uint32_t area, uint32_t given_area)
{
    return given_area ? given_area : area / 2;
}

static VtAnswer
ask_fast(char **ret_detail)
{
    *ret_detail = g_strdup("TOYGETFAST");
    return world_fast;
}

static VtAnswer
ask_call(char **ret_detail)
{
    *ret_detail = NULL;
    return world_call;
}

extern const VtProbe vt_probe_toy_fast, vt_probe_toy_call;
const VtProbe vt_probe_toy_fast = {ask_fast};
const VtProbe vt_probe_toy_call = {ask_call};

/* ---- helpers ---------------------------------------------------------------------------------------- */

VtContext *
world_context(const VtSchema *schema, const char *machine, const char *platform)
{
    g_autoptr(GError) error = NULL;
    VtMachineName name = {0};
    VtPlatform *p = vt_platform_new(schema, vt_schema_version(schema, VT_AXIS_PLATFORM, platform), NULL, &error);
    VtContext *ctx;

    g_assert_no_error(error);
    if (machine) {
        vt_machine_find(schema, machine, &name, &error);
        g_assert_no_error(error);
    }
    ctx = vt_context_new(schema, p, machine ? &name : NULL, VT_TARGET_X86_64, "tcg");
    vt_machine_name_clear(&name);
    return ctx;
}

World *
world_new(const char *machine, const char *platform)
{
    g_autoptr(GError) error = NULL;
    World *world = g_new0(World, 1);

    if (!world_log) {
        world_log = g_string_new(NULL);
    }
    g_string_truncate(world_log, 0);
    world_fails = NULL;
    world_fast = world_call = VT_ANSWER_YES;
    world->schema = vt_schema_new(objects_vt_program_objects.layers);
    world->vm = vt_vm_new(world_context(world->schema, machine, platform), NULL, 0, &error);
    g_assert_no_error(error);
    return world;
}

void
world_free(World *world)
{
    vt_vm_free(world->vm);
    vt_schema_free(world->schema);
    g_free(world);
}

static bool
plan(World *world, va_list args, GError **error)
{
    g_autoptr(GArray) creations = g_array_new(FALSE, FALSE, sizeof(VtCreation));
    const char *root;

    while ((root = va_arg(args, const char *))) {
        const char *text = va_arg(args, const char *);
        g_autofree char *where = g_strdup_printf("-%s %s", root, text);
        VtCreation creation = {vt_schema_class(world->schema, root), NULL};
        const char *key = vt_str(creation.root->layer, creation.root->row->tag_name);

        creation.input = vt_input_new_option(text, key, where, error);
        g_assert_nonnull(creation.input);
        g_array_append_val(creations, creation);
    }
    return vt_vm_plan(world->vm, (const VtCreation *)creations->data, creations->len, NULL, error);
}

bool
world_plan(World *world, GError **error, ...)
{
    va_list args;
    bool ok;

    va_start(args, error);
    ok = plan(world, args, error);
    va_end(args);
    return ok;
}

void
world_must_plan(World *world, ...)
{
    g_autoptr(GError) error = NULL;
    va_list args;

    va_start(args, world);
    plan(world, args, &error);
    va_end(args);
    g_assert_no_error(error);
}

char *
world_report(World *world, bool settled)
{
    json_object *config = vt_vm_effective_config(world->vm, settled);
    char *text = vt_json_pretty(config);

    json_object_put(config);
    return text;
}

VtObject *
world_object(World *world, const char *key)
{
    g_autoptr(GArray) keys = vt_vm_objects(world->vm);

    for (guint i = 0; i < keys->len; i++) {
        const VtEntryKey *entry = &g_array_index(keys, VtEntryKey, i);

        if (strcmp(entry->key, key) == 0) {
            return entry->object;
        }
    }
    g_error("no object '%s'", key);
}

static const VtProp *
prop_of(World *world, const char *key, const char *member)
{
    const VtProp *prop = vt_class_prop(vt_object_class(world_object(world, key)), member, strlen(member));

    g_assert_nonnull(prop);
    return prop;
}

char *
world_value(World *world, const char *key, const char *member, bool settled)
{
    json_object *before, *after, *value;
    char *text;

    vt_object_values(world_object(world, key), prop_of(world, key, member), VT_OUTPUT_NAMES, &before, &after);
    value = settled ? after : before;
    text = value ? g_strdup(json_object_is_type(value, json_type_string)
                                ? json_object_get_string(value)
                                : json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN))
                 : NULL;
    json_object_put(before);
    json_object_put(after);
    return text;
}

VtOrigin
world_origin(World *world, const char *key, const char *member)
{
    return vt_object_provenance(world_object(world, key), prop_of(world, key, member)).from;
}
