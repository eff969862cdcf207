/* SPDX-License-Identifier: MIT */
/*
 * Plans: create settled and placed objects from inputs.  A failure undoes the whole batch.
 */
#include <string.h>

#include "object/frozen-private.h"
#include "object/object-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

typedef struct Batch {
    VtVm *vm;
    GPtrArray *made; /* in order of creation */
    GPtrArray *sorted;
    bool hotplug;
    GError *errors; /* of single objects: the others are checked, too */
    unsigned n_errors;
} Batch;

#define ERRORS_MAX 32 /* of one batch; then planning stops */

/* Keeps @failure, which it takes, as one of several errors.  Returns false if planning stops with it.  A client that
 * plugs in an object gets one error. */
static bool
keep(Batch *batch, GError *failure)
{
    vt_error_add(&batch->errors, failure);
    return !batch->hotplug && ++batch->n_errors < ERRORS_MAX;
}

/* ---- creation --------------------------------------------------------------------------------------- */

static bool make_object(Batch *batch, VtConfig *config, VtObject *owner, GError **error);

typedef struct Inline {
    Batch *batch;
    VtObject *owner;
} Inline;

/* Creates the object of an inline definition.  Its config stays in the config of @owner. */
static bool
make_inline(VtConfig *config, const char *path, const VtLayer *layer, const VtRow *row, VtRef *ref, void *opaque,
            GError **error)
{
    const Inline *in = opaque;

    (void)config, (void)path, (void)layer, (void)row;
    if (ref->inline_config) {
        ref->inline_config->made = in->owner->config->made;
    }
    return !ref->inline_config || make_object(in->batch, ref->inline_config, in->owner, error);
}

/* Takes ownership of @config, unless it is part of the config of @owner. */
static bool
make_object(Batch *batch, VtConfig *config, VtObject *owner, GError **error)
{
    VtObject *object = vt_object_new(batch->vm, config, owner == NULL);
    Inline in = {batch, object};

    if (!vt_objects_add(batch->vm, object, error)) {
        vt_object_free(object);
        return false;
    }
    g_ptr_array_add(batch->made, object);
    if (owner) {
        if (!owner->inlines) {
            owner->inlines = g_ptr_array_new();
        }
        g_ptr_array_add(owner->inlines, object);
    }
    return !object->class->has_refs || vt_config_each_ref(config, make_inline, &in, error);
}

/* Decodes an input that has members only, for a known class. */
static VtConfig *
make_config(VtContext *ctx, const VtCreation *creation, GError **error)
{
    g_autoptr(VtConfig) config = vt_config_new(ctx, creation->class);

    config->option = creation->option;
    config->model = g_strdup(creation->model);
    if (!vt_input_visit_members(creation->input, ctx, config, error)) {
        return NULL;
    }
    if (creation->id) {
        vt_config_set_id(config, creation->id, strlen(creation->id));
    }
    vt_config_set_where(config, creation->option ? g_strdup_printf("-%s %s", creation->option->name, creation->model)
                                                 : g_strdup(creation->where));
    return g_steal_pointer(&config);
}

static bool
decode(Batch *batch, const VtCreation *creation, GError **error)
{
    VtConfig *config =
        creation->class ? make_config(batch->vm->ctx, creation, error)
                        : vt_input_visit_creation(creation->input, batch->vm->ctx, creation->root, error);

    if (config && !vt_frozen_apply(batch->vm->ctx, config, error)) {
        vt_config_free(config);
        return false;
    }
    if (config) {
        config->made = creation->made;
        config->of_board = creation->of_board;
    }
    return config && make_object(batch, config, NULL, error);
}

/* ---- settling --------------------------------------------------------------------------------------- */

static bool settle(Batch *batch, guint *at, GError **error);

/* Creates the device that the bus of the object at *@at requires first, and settles it.  *@at then is the index of the
 * object. */
static bool
bring_first(Batch *batch, guint *at, GError **error)
{
    VtObject *object = batch->sorted->pdata[*at], *first;
    const char *name = vt_place_wants(object);
    VtConfig *config;

    if (!name) {
        return true;
    }
    config = vt_config_new(batch->vm->ctx, vt_schema_class(batch->vm->schema, name));
    if (!make_object(batch, config, NULL, error)) {
        return false;
    }
    first = batch->made->pdata[batch->made->len - 1];
    first->bus = object->bus;
    g_ptr_array_insert(batch->sorted, (int)*at, first);
    return settle(batch, at, error) && (++*at, true);
}

static bool
settle(Batch *batch, guint *at, GError **error)
{
    VtObject *object = batch->sorted->pdata[*at];
    bool ok = object->bus || vt_place_choose(object, batch->hotplug, error);

    ok = ok && bring_first(batch, at, error);
    object->hotplugged = batch->hotplug;
    if (ok) {
        vt_object_settle(object);
        vt_config_fill_read_only(object->config);
        GError *failure = NULL;

        ok = vt_object_check_rules(object, &failure) && vt_object_run(object, VT_STEP_VALIDATE, &failure);
        if (!ok && object != batch->vm->machine) {
            /* Others may need its place. */
            vt_place_take(object, NULL);
        }
        ok = ok && vt_place_take(object, &failure) && vt_object_run(object, VT_STEP_CHECK_PLACE, &failure);
        if (failure) {
            g_propagate_error(error, failure);
        }
    }
    if (!ok && object->config->where) {
        g_prefix_error(error, "%s: ", object->config->where);
    }
    object->done = ok;
    return ok;
}

static bool
is_settled(VtConfig *config, const char *path, const VtLayer *layer, const VtRow *row, VtRef *ref, void *opaque,
           GError **error)
{
    (void)config, (void)path, (void)layer, (void)row, (void)opaque, (void)error;
    return !ref->target || vt_object_top(ref->target)->done;
}

/* Whether all objects that @object refers to are settled: otherwise, its own error may be a consequence. */
static bool
is_independent(VtObject *object)
{
    return !object->class->has_refs || vt_config_each_ref(object->config, is_settled, NULL, NULL);
}

/* ---- the whole batch -------------------------------------------------------------------------------- */

/* Fails with the errors that were kept. */
static bool
report(Batch *batch, GError **error)
{
    if (!batch->errors) {
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&batch->errors));
    return false;
}

static bool
decode_all(Batch *batch, VtCreationFunc func, void *opaque, size_t n, GError **error)
{
    bool going = true;

    for (size_t i = 0; going && i < n; i++) {
        VtCreation creation = {NULL};
        GError *failure = NULL;

        if (!func(i, &creation, opaque, &failure) || (creation.root && !decode(batch, &creation, &failure))) {
            going = keep(batch, failure);
        }
        vt_input_free(creation.input);
        g_free(creation.model);
    }
    return report(batch, error);
}

static bool
refer_all(Batch *batch, GError **error)
{
    bool going = true;

    for (guint i = 0; going && i < batch->sorted->len; i++) {
        VtObject *object = batch->sorted->pdata[i];
        GError *failure = NULL;

        if (!vt_refs_bind(object, &failure) || !vt_object_run(object, VT_STEP_REFER, &failure)) {
            going = keep(batch, failure);
        }
    }
    return report(batch, error);
}

static bool
settle_all(Batch *batch, GError **error)
{
    bool going = true;

    for (guint i = 0; going && i < batch->sorted->len; i++) {
        VtObject *object = batch->sorted->pdata[i];
        GError *failure = NULL;

        if (settle(batch, &i, &failure)) {
            continue;
        }
        if (batch->errors && !is_independent(object)) {
            g_error_free(failure);
            continue;
        }
        /* Everything may depend on the machine. */
        going = keep(batch, failure) && object != batch->vm->machine;
    }
    return report(batch, error);
}

static bool
prepare(Batch *batch, VtCreationFunc func, void *opaque, size_t n, GError **error)
{
    VtVm *vm = batch->vm;

    if (!decode_all(batch, func, opaque, n, error)) {
        return false;
    }
    if (vm->machine_pending) {
        g_ptr_array_add(batch->sorted, vm->machine);
    }
    g_ptr_array_extend(batch->sorted, batch->made, NULL, NULL);
    return refer_all(batch, error) && vt_order_objects(batch->sorted, error) && settle_all(batch, error);
}

static void
undo(Batch *batch)
{
    VtVm *vm = batch->vm;

    for (guint i = batch->made->len; i-- > 0;) {
        vt_place_leave(batch->made->pdata[i]);
    }
    for (guint i = batch->made->len; i-- > 0;) {
        vt_refs_unbind(batch->made->pdata[i]);
    }
    if (vm->machine_pending) {
        vt_place_leave(vm->machine);
        vt_refs_unbind(vm->machine);
        vt_late_reset(vm->machine);
        vm->machine->done = false;
    }
    for (guint i = batch->made->len; i-- > 0;) {
        vt_objects_remove(vm, batch->made->pdata[i]);
        vt_object_free(batch->made->pdata[i]);
    }
}

static void
commit(Batch *batch)
{
    VtVm *vm = batch->vm;

    vt_place_number(vm, batch->sorted);
    for (guint i = 0; i < batch->sorted->len; i++) {
        VtObject *object = batch->sorted->pdata[i];

        object->stage = VT_STAGE_PLANNED;
        g_queue_push_tail_link(&vm->order, &object->link);
        g_queue_push_tail_link(&vm->planned, &object->planned);
        object->waits = true;
    }
    vm->machine_pending = false;
}

bool
vt_plan_batch(VtVm *vm, VtCreationFunc func, void *opaque, size_t n, bool hotplug, GPtrArray **ret_planned,
              GError **error)
{
    g_autoptr(GPtrArray) made = g_ptr_array_sized_new((guint)n);
    g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new((guint)n + 1);
    Batch batch = {.vm = vm, .made = made, .sorted = sorted, .hotplug = hotplug};

    vt_assert_main();
    if (!prepare(&batch, func, opaque, n, error)) {
        undo(&batch);
        return false;
    }
    commit(&batch);
    if (ret_planned) {
        *ret_planned = g_steal_pointer(&sorted);
    }
    return true;
}

bool
vt_plan_one(size_t i, VtCreation *ret_creation, void *opaque, GError **error)
{
    (void)i, (void)error;
    *ret_creation = *(const VtCreation *)opaque;
    return true;
}

/* Creations in an array, of which the first are taken. */
typedef struct Array {
    const VtCreation *creations;
    size_t taken;
} Array;

static bool
take_next(size_t i, VtCreation *ret_creation, void *opaque, GError **error)
{
    Array *array = opaque;

    (void)error;
    *ret_creation = array->creations[i];
    array->taken = i + 1;
    return true;
}

bool
vt_vm_plan(VtVm *vm, const VtCreation *creations, size_t n, GPtrArray **ret_planned, GError **error)
{
    Array array = {creations, 0};
    bool ok = vt_plan_batch(vm, take_next, &array, n, false, ret_planned, error);

    for (size_t i = array.taken; i < n; i++) {
        vt_input_free(creations[i].input);
        g_free(creations[i].model);
    }
    return ok;
}

bool
vt_vm_plan_each(VtVm *vm, VtCreationFunc func, void *opaque, size_t n, GError **error)
{
    return vt_plan_batch(vm, func, opaque, n, false, NULL, error);
}
