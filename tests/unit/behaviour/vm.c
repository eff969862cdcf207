/* SPDX-License-Identifier: MIT */
#include "vm.h"

#include <string.h>

#include "vt-gen/machine.h"
#include "vt-runtime/output.h"

static const VtLayer *const all_layers[] = {&vt_layer_runtime, &vt_layer_backends, &vt_layer_hw, &vt_layer_machine,
                                            NULL};

static VtContext *
context_for(const VtSchema *schema, const char *machine, GError **error)
{
    VtPlatform *platform = vt_platform_new(schema, 0, NULL, error);
    VtMachineName name = {NULL, 0, NULL};
    VtContext *ctx;

    g_assert_nonnull(platform);
    if (!vt_machine_find(schema, machine, &name, error)) {
        vt_platform_free(platform);
        return NULL;
    }
    ctx = vt_context_new(schema, platform, &name, VT_TARGET_X86_64, "tcg");
    vt_machine_name_clear(&name);
    return ctx;
}

TestVm *
test_vm_new(const char *machine, GError **error)
{
    const char *options = strchr(machine, ',');
    g_autofree char *name = g_strndup(machine, options ? (size_t)(options - machine) : strlen(machine));
    g_autoptr(VtInput) input = options ? vt_input_new_option(options + 1, NULL, "-machine", error) : NULL;
    TestVm *vm = g_new0(TestVm, 1);
    VtContext *ctx;

    vm->schema = vt_schema_new(all_layers);
    ctx = context_for(vm->schema, name, error);
    if (ctx) {
        vm->vm = vt_vm_new(ctx, &input, input ? 1 : 0, error);
    }
    if (!vm->vm) {
        test_vm_free(vm);
        return NULL;
    }
    return vm;
}

void
test_vm_free(TestVm *vm)
{
    if (vm->vm) {
        vt_vm_free(vm->vm);
    }
    vt_schema_free(vm->schema);
    g_free(vm);
}

bool
test_vm_plan(TestVm *vm, const char *texts, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(texts, "\n", -1);
    g_autoptr(GArray) creations = g_array_new(FALSE, FALSE, sizeof(VtCreation));

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) parts = g_strsplit(*line, " ", 2);
        const VtClassInfo *root = vt_schema_class(vm->schema, parts[0]);
        VtCreation creation = {root, NULL};

        g_assert_nonnull(root);
        creation.input = vt_input_new_option(parts[1], vt_str(root->layer, root->row->tag_name), parts[0], error);
        g_assert_nonnull(creation.input);
        g_array_append_val(creations, creation);
    }
    return vt_vm_plan(vm->vm, (const VtCreation *)creations->data, creations->len, NULL, error);
}

void
test_vm_expect(const char *machine, const char *texts, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(TestVm) vm = test_vm_new(machine, &error);
    bool good = vm && (!texts || test_vm_plan(vm, texts, &error));

    if (!message) {
        g_assert_no_error(error);
        g_assert_true(good);
        return;
    }
    if (good || !strstr(error->message, message)) {
        g_test_message("%s: %s", machine, texts ? texts : "");
        g_test_message("expected '%s', got '%s'", message, good ? "success" : error->message);
        g_test_fail();
    }
}

char *
test_vm_value(TestVm *vm, const char *kind, const char *id, const char *member)
{
    VtObject *object = vt_vm_find(vm->vm, kind, id);
    const VtProp *prop;
    json_object *configured, *settled;
    char *text;

    g_assert_nonnull(object);
    prop = vt_class_prop(vt_object_class(object), member, strlen(member));
    g_assert_nonnull(prop);
    vt_object_values(object, prop, 0, &configured, &settled);
    text = g_strdup(settled ? json_object_get_string(settled) : "absent");
    json_object_put(configured);
    json_object_put(settled);
    return text;
}
