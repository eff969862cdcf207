/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>

#include "object/frozen-private.h"
#include "object/object-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

static void
clear_kind(void *kind)
{
    vt_id_map_clear(&((VtKindMap *)kind)->ids);
    g_hash_table_unref(((VtKindMap *)kind)->numbers);
}

static bool
note_ref(VtConfig *config, const char *path, const VtLayer *layer, const VtRow *row, VtRef *ref, void *opaque,
         GError **error)
{
    (void)config, (void)path, (void)layer, (void)row, (void)ref, (void)error;
    *(bool *)opaque = true;
    return true;
}

/* Creates the machine object.  If it refers to objects, they do not exist yet, so the first batch settles it. */
static bool
make_machine(VtVm *vm, VtInput *const *inputs, size_t n, GError **error)
{
    const VtMachineName *name = vt_context_machine(vm->ctx);
    g_autoptr(VtConfig) config = vt_config_new(vm->ctx, name->family);
    g_autofree VtInput **by = g_new0(VtInput *, name->family->n_props + 1);
    bool has_refs = false;

    for (size_t i = 0; i < n; i++) {
        if (!vt_machine_input(config, inputs[i], vm->ctx, by, error)) {
            return false;
        }
    }
    if (!vt_frozen_apply(vm->ctx, config, error)) {
        return false;
    }
    vt_config_each_ref(config, note_ref, &has_refs, NULL);
    if (!config->where) {
        const char *option = vt_context_option(vm->ctx, VT_ROLE_MACHINE);

        vt_config_set_where(config, option ? g_strdup_printf("-%s %s", option, name->name)
                                           : g_strdup_printf("machine %s", name->name));
    }
    vm->machine = vt_object_new(vm, g_steal_pointer(&config), true);
    for (size_t i = 0; i < name->family->n_props; i++) {
        if (by[i]) {
            vt_giver_set(vm->machine, i, by[i]);
        }
    }
    vt_buses_link(vm->machine, NULL);
    vm->machine_pending = true;
    return has_refs || vt_plan_batch(vm, NULL, NULL, 0, false, NULL, error);
}

void
vt_vm_set_life_check(VtVm *vm, const VtLifeCheck *check)
{
    vm->life = check;
}

VtVm *
vt_vm_new_empty(VtContext *ctx)
{
    VtVm *vm = g_new0(VtVm, 1);

    vm->ctx = ctx;
    vm->schema = vt_context_schema(ctx);
    vm->kinds = g_array_new(FALSE, FALSE, sizeof(VtKindMap));
    g_array_set_clear_func(vm->kinds, clear_kind);
    g_queue_init(&vm->order);
    g_queue_init(&vm->planned);
    vm->buses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    vm->classes = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)vt_class_memory_free);
    vm->bus_names = g_hash_table_new(g_str_hash, g_str_equal);
    vm->roots = g_ptr_array_new();
    vm->bus_numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return vm;
}

VtVm *
vt_vm_new_aside(VtVm *vm)
{
    VtVm *aside;

    vt_assert_main();
    aside = vt_vm_new_empty(vm->ctx);
    aside->machine = vm->machine;
    aside->aside = true;
    return aside;
}

static void
remove_planned(VtVm *vm, VtObject *object)
{
    if (object == vm->machine) {
        vt_buses_unlink(object);
    }
    vt_object_remove(object);
}

/* Objects without an id have the numbers that they would have in a new VM. */
static void
restart_numbers(VtVm *vm)
{
    g_hash_table_remove_all(vm->bus_numbers);
    vm->placement = 0;
    for (guint i = 0; i < vm->kinds->len; i++) {
        VtKindMap *map = &g_array_index(vm->kinds, VtKindMap, i);

        if (!map->anonymous.length) {
            map->next = 0;
        }
    }
}

/* Whether an object has the image of its class in @ctx. */
static bool
is_in_use(const VtVm *vm, const VtContext *ctx)
{
    for (const GList *link = vm->order.head; link; link = link->next) {
        const VtObject *object = link->data;
        const VtImagePrivate *image = ctx->images[object->class->info.row->id];

        if (image && object->config->image == &image->image) {
            return true;
        }
    }
    return false;
}

/* Frees contexts of earlier plans, unless realized objects have values of them. */
static void
free_former(VtVm *vm)
{
    for (guint i = vm->former->len; i-- > 0;) {
        if (!is_in_use(vm, vm->former->pdata[i])) {
            g_ptr_array_remove_index(vm->former, i);
        }
    }
}

bool
vt_vm_plan_again(VtVm *vm, VtContext *ctx, VtInput *const *machine_inputs, size_t n_machine_inputs, VtCreationFunc func,
                 void *opaque, size_t n, GError **error)
{
    vt_assert_main();
    vt_parts_free(vm);
    g_clear_pointer(&vm->slots, g_hash_table_unref);
    while (vm->planned.tail) {
        remove_planned(vm, vm->planned.tail->data);
    }
    if (vm->machine) {
        remove_planned(vm, vm->machine);
    }
    if (!vm->former) {
        vm->former = g_ptr_array_new_with_free_func((GDestroyNotify)vt_context_free);
    }
    g_ptr_array_add(vm->former, vm->ctx);
    vm->ctx = ctx;
    restart_numbers(vm);
    if (!make_machine(vm, machine_inputs, n_machine_inputs, error) ||
        !vt_plan_batch(vm, func, opaque, n, false, NULL, error)) {
        return false;
    }
    free_former(vm);
    return true;
}

VtVm *
vt_vm_new(VtContext *ctx, VtInput *const *machine_inputs, size_t n_machine_inputs, GError **error)
{
    g_autoptr(VtVm) vm = vt_vm_new_empty(ctx);

    if (vt_context_machine(ctx) && !make_machine(vm, machine_inputs, n_machine_inputs, error)) {
        return NULL;
    }
    return g_steal_pointer(&vm);
}

void
vt_vm_free(VtVm *vm)
{
    if (!vm) {
        return;
    }
    vt_parts_free(vm);
    g_clear_pointer(&vm->slots, g_hash_table_unref);
    while (vm->order.tail) {
        vt_object_remove(vm->order.tail->data);
    }
    if (vm->machine && !vm->aside) {
        vt_object_remove(vm->machine);
    }
    g_array_unref(vm->kinds);
    g_hash_table_unref(vm->buses);
    g_hash_table_unref(vm->classes);
    g_clear_pointer(&vm->indexes, g_ptr_array_unref);
    g_ptr_array_unref(vm->roots);
    g_hash_table_unref(vm->bus_names);
    g_hash_table_unref(vm->bus_numbers);
    g_clear_pointer(&vm->served, g_hash_table_unref);
    g_clear_pointer(&vm->givers, g_hash_table_unref);
    g_assert(!vm->holds);
    if (!vm->aside) {
        vt_context_free(vm->ctx);
    }
    g_clear_pointer(&vm->former, g_ptr_array_unref);
    g_free(vm);
}

VtContext *
vt_vm_context(const VtVm *vm)
{
    return vm->ctx;
}

VtObject *
vt_vm_machine(const VtVm *vm)
{
    return vm->machine;
}

void
vt_vm_set_runner(VtVm *vm, const VtRunnerOps *ops, void *opaque)
{
    vm->runner = ops;
    vm->runner_opaque = opaque;
}

bool
vt_object_runs_elsewhere(const VtObject *object)
{
    return vt_object_const_top(object)->elsewhere;
}

void
vt_vm_set_event_func(VtVm *vm, VtEventFunc func, void *opaque)
{
    vm->event_func = func;
    vm->event_opaque = opaque;
}

void
vt_vm_event(const VtVm *vm, const char *name, json_object *data)
{
    vt_assert_main();
    if (vm->event_func) {
        vm->event_func(name, data, vm->event_opaque);
    } else {
        json_object_put(data);
    }
}

void
vt_vm_set_notice_func(VtVm *vm, VtNoticeFunc func, void *opaque)
{
    vm->notice_func = func;
    vm->notice_opaque = opaque;
}

void
vt_vm_notice(const VtVm *vm, const char *line)
{
    vt_assert_main();
    if (vm->notice_func) {
        vm->notice_func(line, vm->notice_opaque);
    }
}

void
vt_vm_set_quit_func(VtVm *vm, VtQuitFunc func, void *opaque)
{
    vm->quit_func = func;
    vm->quit_opaque = opaque;
}

void
vt_vm_quit(const VtVm *vm, const char *reason)
{
    vt_assert_main();
    if (vm->quit_func) {
        vm->quit_func(reason, vm->quit_opaque);
    }
}
