/* SPDX-License-Identifier: MIT */
/*
 * The default rules of buses: addresses are numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "resolve/context-private.h"
#include "object/object-private.h"
#include "vt-runtime/error.h"

/* An address in use.  Parts that the bus does not have are 0. */
struct VtNumbers {
    uint32_t at[VT_BUS_DEPTH]; /* must be first: the key in VtBusPrivate.taken */
    VtObject *device;
};

/* The state of searches in one part of the address, with the other parts fixed.  No number of that part below @lowest
 * is free. */
typedef struct Tried {
    uint32_t at[VT_BUS_DEPTH]; /* 0 in the part that is searched */
    uint32_t searched;         /* index of that part; the key in VtBusPrivate.tried ends here */
    uint32_t from, lowest;     /* start of the last search, and of the next one */
} Tried;

/* The address that a device requests. */
typedef struct Wish {
    const char *names[VT_BUS_DEPTH];
    uint32_t at[VT_BUS_DEPTH];
    bool open[VT_BUS_DEPTH]; /* choose any free number */
    unsigned n;
} Wish;

static bool
is_within(const VtSlots *slots, uint64_t value)
{
    return value >= slots->first && value <= slots->last;
}

/* Whether the value means "any": it is the default, and outside the slots.  A default inside the slots is that slot. */
static bool
is_open(const VtObject *device, const VtProp *prop, uint64_t value)
{
    const VtImagePrivate *image = (const VtImagePrivate *)device->config->image;
    const void *usual = (const char *)image->data + prop->offset;

    return value == vt_field_get_uint(device->vm->schema, prop->layer, prop->row, usual);
}

static Wish
wish_of(const VtBus *bus, const VtObject *device)
{
    Wish wish = {.n = 0};

    for (; wish.n < bus->n_slots; wish.n++) {
        const char *name = vt_schema_bus_address(device->vm->schema, bus->type, wish.n);
        const VtProp *prop;
        uint64_t value;

        if (!name) {
            break;
        }
        prop = vt_class_prop(&device->class->info, name, strlen(name));
        prop = vt_object_map_prop(device, prop);
        value = vt_field_get_uint(device->vm->schema, prop->layer, prop->row, vt_config_field(device->config, prop));
        wish.names[wish.n] = name;
        wish.open[wish.n] = !is_within(&bus->slots[wish.n], value) && is_open(device, prop, value);
        wish.at[wish.n] = (uint32_t)MIN(value, G_MAXUINT32);
    }
    return wish;
}

/* "unit 1", "channel 0, scsi-id 1, lun 0"; owned by the caller. */
static char *
describe(const Wish *wish)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < wish->n; i++) {
        g_string_append_printf(text, "%s%s %u", i ? ", " : "", wish->names[i], wish->at[i]);
    }
    return g_string_free(text, FALSE);
}

static guint
hash_words(const uint32_t *words, size_t n)
{
    guint hash = 0;

    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ words[i]) * 0x9e3779b1u;
        hash ^= hash >> 15;
    }
    return hash;
}

static guint
hash_place(const void *place)
{
    return hash_words(place, VT_BUS_DEPTH);
}

static gboolean
same_place(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(uint32_t[VT_BUS_DEPTH])) == 0;
}

#define TRIED_WORDS (VT_BUS_DEPTH + 1)

static guint
hash_tried(const void *tried)
{
    return hash_words(tried, TRIED_WORDS);
}

static gboolean
same_tried(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(uint32_t[TRIED_WORDS])) == 0;
}

static VtObject *
occupant(const VtBus *bus, const Wish *wish)
{
    GHashTable *taken = ((const VtBusPrivate *)bus)->taken;
    const VtNumbers *numbers = taken ? g_hash_table_lookup(taken, wish->at) : NULL;

    return numbers ? numbers->device : NULL;
}

/* The search state for part @searched. */
static Tried *
tried_before(VtBus *bus, const Wish *wish, unsigned searched, uint32_t from)
{
    VtBusPrivate *private = (VtBusPrivate *)bus;
    Tried key = {.searched = searched}, *tried;

    memcpy(key.at, wish->at, sizeof(key.at));
    key.at[searched] = 0;
    if (!private->tried) {
        private->tried = g_hash_table_new_full(hash_tried, same_tried, NULL, g_free);
    }
    tried = g_hash_table_lookup(private->tried, &key);
    if (!tried) {
        tried = g_memdup2(&key, sizeof key);
        g_hash_table_add(private->tried, tried);
    }
    if (tried->from != from) {
        tried->from = tried->lowest = from;
    }
    return tried;
}

/* Makes searches find the released address. */
static void
try_again(VtBusPrivate *private, const VtNumbers *numbers)
{
    for (unsigned searched = 0; searched < VT_BUS_DEPTH; searched++) {
        Tried key = {.searched = searched}, *tried;

        memcpy(key.at, numbers->at, sizeof(key.at));
        key.at[searched] = 0;
        tried = g_hash_table_lookup(private->tried, &key);
        if (tried) {
            tried->lowest = MAX(tried->from, MIN(tried->lowest, numbers->at[searched]));
        }
    }
}

/* The occupant for which the bus reserves the address, or NULL. */
static const char *
reserved_by(const VtBus *bus, const Wish *wish)
{
    for (const char **r = bus->reserved; wish->n == 1 && *r; r += 2) {
        if (strtoul(r[0], NULL, 0) == wish->at[0]) {
            return r[1];
        }
    }
    return NULL;
}

/* Finds a free address.  Searches in the most significant open part; the other open parts get the first slot. */
static bool
find(VtBus *bus, Wish *wish, uint32_t from)
{
    unsigned searched = wish->n;
    Tried *tried;

    for (unsigned i = wish->n; i-- > 0;) {
        if (wish->open[i]) {
            searched = i;
            wish->at[i] = bus->slots[i].first;
        }
    }
    if (searched == wish->n) {
        return !occupant(bus, wish) && !reserved_by(bus, wish);
    }
    tried = tried_before(bus, wish, searched, MAX(bus->slots[searched].first, from));
    for (uint64_t at = tried->lowest; at <= bus->slots[searched].last; at++) {
        wish->at[searched] = (uint32_t)at;
        if (!occupant(bus, wish) && !reserved_by(bus, wish)) {
            tried->lowest = (uint32_t)at;
            return true;
        }
    }
    tried->lowest = MAX(tried->from, bus->slots[searched].last);
    return false;
}

static bool
check_range(const VtBus *bus, const Wish *wish, GError **error)
{
    for (unsigned i = 0; i < wish->n; i++) {
        const VtSlots *slots = &bus->slots[i];

        if (wish->open[i] || is_within(slots, wish->at[i])) {
            continue;
        }
        if (slots->first == slots->last) {
            return vt_error_set(error, "bus '%s': %s %u does not exist; expected %u", bus->name, wish->names[i],
                                wish->at[i], slots->first);
        }
        return vt_error_set(error, "bus '%s': %s %u does not exist; expected %u to %u", bus->name, wish->names[i],
                            wish->at[i], slots->first, slots->last);
    }
    return true;
}

static bool
refuse(const VtBus *bus, const Wish *wish, GError **error)
{
    g_autofree char *place = describe(wish);
    VtObject *device;

    for (unsigned i = 0; i < wish->n; i++) {
        if (wish->open[i]) {
            return vt_error_set(error, "bus '%s': no free %s", bus->name, wish->names[i]);
        }
    }
    device = occupant(bus, wish);
    if (device) {
        g_autofree char *title = vt_object_title(device);

        return vt_error_set(error, "bus '%s': %s is in use by %s", bus->name, place, title);
    }
    return vt_error_set(error, "bus '%s': %s is in use by %s", bus->name, place, reserved_by(bus, wish));
}

bool
vt_number_bus_place_from(VtBus *bus, VtObject *device, uint32_t from, GError **error)
{
    VtBusPrivate *private = (VtBusPrivate *)bus;
    Wish wish = wish_of(bus, device);

    if (!wish.n) {
        if (!vt_number_bus_has_room_from(bus, device, from)) {
            return vt_error_set(error, "bus '%s' is full", bus->name);
        }
        return true;
    }
    if (!check_range(bus, &wish, error)) {
        return false;
    }
    if (!find(bus, &wish, from)) {
        return refuse(bus, &wish, error);
    }
    for (unsigned i = 0; i < wish.n; i++) {
        if (wish.open[i]) {
            vt_object_settle_uint(device, wish.names[i], wish.at[i]);
        }
    }
    if (!private->taken) {
        private->taken = g_hash_table_new_full(hash_place, same_place, NULL, g_free);
    }
    device->numbers = g_new(VtNumbers, 1);
    memcpy(device->numbers->at, wish.at, sizeof(wish.at));
    device->numbers->device = device;
    g_hash_table_add(private->taken, device->numbers);
    return true;
}

static bool
place(VtBus *bus, VtObject *device, GError **error)
{
    return vt_number_bus_place_from(bus, device, 0, error);
}

void
vt_number_bus_remove(VtBus *bus, VtObject *device)
{
    VtBusPrivate *private = (VtBusPrivate *)bus;
    const VtNumbers *numbers = g_steal_pointer(&device->numbers);

    if (numbers) {
        if (private->tried) {
            try_again(private, numbers);
        }
        g_hash_table_remove(private->taken, numbers);
    }
}

bool
vt_number_bus_is_fixed(const VtBus *bus, const VtObject *device)
{
    Wish wish = wish_of(bus, device);

    for (unsigned i = 0; i < wish.n; i++) {
        if (wish.open[i]) {
            return false;
        }
    }
    return wish.n > 0;
}

bool
vt_number_bus_has_room_from(VtBus *bus, VtObject *device, uint32_t from)
{
    Wish wish = wish_of(bus, device);

    if (wish.n) {
        return find(bus, &wish, from);
    }
    return !bus->n_slots || bus->devices->len <= bus->slots[0].last - bus->slots[0].first;
}

static bool
has_room(VtBus *bus, VtObject *device)
{
    return vt_number_bus_has_room_from(bus, device, 0);
}

int
vt_number_bus_compare(const VtObject *a, const VtObject *b)
{
    const VtNumbers *x = a->numbers, *y = b->numbers;

    for (unsigned i = 0; x && y && i < VT_BUS_DEPTH; i++) {
        if (x->at[i] != y->at[i]) {
            return x->at[i] < y->at[i] ? -1 : 1;
        }
    }
    return 0;
}

const VtBusOps vt_number_bus_ops = {.place = place,
                                    .remove = vt_number_bus_remove,
                                    .is_fixed = vt_number_bus_is_fixed,
                                    .has_room = has_room,
                                    .compare = vt_number_bus_compare};
