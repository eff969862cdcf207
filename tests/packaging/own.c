/* SPDX-License-Identifier: MIT */
/*
 * A program of another project: prints the brightness of the lamps on its command line.
 */
#include <stdio.h>

#include "own-program-own.h"
#include "vt-runtime/object.h"
#include "vt-runtime/options.h"

static bool
realize(VtObject *object, GError **error)
{
    const VtLamp *lamp = vt_object_config(object);

    (void)error;
    return printf("%u\n", lamp->bright) > 0;
}

const VtOps vt_ops_lamp = {.realize = realize};

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtSchema) schema = vt_schema_new(own_vt_program_own.layers);
    g_autoptr(VtCommandLine) line = vt_command_line_new(&own_vt_program_own, schema, argc - 1, argv + 1, &error);
    g_autoptr(VtVm) vm = line ? vt_command_line_plan(line, NULL, &error) : NULL;

    if (!vm || !vt_vm_realize(vm, &error)) {
        fprintf(stderr, "own: %s\n", error->message);
        return 1;
    }
    return 0;
}
