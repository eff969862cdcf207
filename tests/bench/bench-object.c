/* SPDX-License-Identifier: MIT */
/*
 * bench-object MACHINE COUNT: creates, configures from one JSON text, settles and frees COUNT virtio-net-pci in one
 * context.  Prints nanoseconds an object; run under callgrind it is the instructions that count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/vm.h"

static const char text[] =
    "{\"driver\": \"virtio-net-pci\", \"id\": \"nic\", \"netdev\": \"n\", \"mac\": \"52:54:00:12:34:56\", "
    "\"mq\": true, \"rx_queue_size\": 512, \"addr\": \"4\"}";
static const char netdev[] = "{\"type\": \"user\", \"id\": \"n\"}";

static VtVm *
vm_new(const VtSchema *schema, const char *machine_name)
{
    VtMachineName machine;
    VtVm *vm;

    if (!vt_machine_find(schema, machine_name, &machine, NULL)) {
        return NULL;
    }
    vm = vt_vm_new(vt_context_new(schema, vt_platform_new(schema, 0, NULL, NULL), &machine, VT_TARGET_X86_64, NULL),
                   NULL, 0, NULL);
    vt_machine_name_clear(&machine);
    return vm;
}

static bool
add(VtVm *vm, const char *root, const char *json, size_t len, GError **error)
{
    VtCreation creation = {
        .root = vt_schema_class(vt_context_schema(vt_vm_context(vm)), root),
        .input = vt_input_new_json(json, len, root),
    };

    return vt_vm_plan(vm, &creation, 1, NULL, error);
}

int
main(int argc, char **argv)
{
    g_autoptr(VtSchema) schema = vt_schema_new(vt_program_vintage_vm.layers);
    unsigned long count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    g_autoptr(VtVm) vm = count ? vm_new(schema, argv[1]) : NULL;
    g_autoptr(GError) error = NULL;
    gint64 start;
    bool ok;

    if (!vm) {
        fprintf(stderr, "usage: bench-object MACHINE COUNT\n");
        return 2;
    }
    ok = add(vm, "netdev", netdev, strlen(netdev), &error);
    start = g_get_monotonic_time();
    for (unsigned long i = 0; ok && i < count; i++) {
        ok = add(vm, "device", text, sizeof text - 1, &error) && vt_vm_delete(vm, "device", "nic", &error);
    }
    if (!ok) {
        fprintf(stderr, "bench-object: %s\n", error->message);
        return 1;
    }
    printf("%.0f\n", (g_get_monotonic_time() - start) * 1000.0 / count);
    return 0;
}
