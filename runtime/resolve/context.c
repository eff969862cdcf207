/* SPDX-License-Identifier: MIT */
#include "resolve/context-private.h"

VtContext *
vt_context_new(const VtSchema *schema, VtPlatform *platform, const VtMachineName *machine, uint16_t target,
               const char *accel)
{
    VtContext *ctx = g_new0(VtContext, 1);

    ctx->schema = schema;
    ctx->platform = platform;
    if (machine) {
        ctx->machine.family = machine->family;
        ctx->machine.version = machine->version;
        ctx->machine.name = g_strdup(machine->name);
        ctx->machine.vendor = machine->vendor;
    }
    ctx->release = vt_schema_open_version(schema, VT_AXIS_RELEASE);
    ctx->target = target;
    vt_schema_set_target(schema, target);
    ctx->accel = g_strdup(accel);
    ctx->globals = g_ptr_array_new_with_free_func((GDestroyNotify)vt_global_free);
    ctx->images = g_new0(VtImagePrivate *, schema->n_classes + 1);
    ctx->struct_images = g_new0(VtStructImage *, schema->n_types + 1);
    return ctx;
}

void
vt_context_free(VtContext *ctx)
{
    if (!ctx) {
        return;
    }
    for (size_t i = 0; i < ctx->schema->n_classes; i++) {
        if (ctx->images[i]) {
            vt_image_free(ctx->schema, ctx->images[i]);
        }
    }
    for (size_t i = 0; i < ctx->schema->n_types; i++) {
        if (ctx->struct_images[i]) {
            vt_struct_clear(ctx->schema, (uint16_t)i, ctx->struct_images[i]->data);
            vt_struct_image_free(ctx->struct_images[i]);
        }
    }
    g_free(ctx->images);
    g_free(ctx->struct_images);
    g_ptr_array_unref(ctx->globals);
    g_clear_pointer(&ctx->frozen, g_hash_table_unref);
    g_clear_pointer(&ctx->origins, g_hash_table_unref);
    vt_machine_name_clear(&ctx->machine);
    vt_platform_free(ctx->platform);
    g_free(ctx->accel);
    g_free(ctx);
}

void
vt_context_set_program(VtContext *ctx, const VtProgram *program)
{
    ctx->program = program;
}

const char *
vt_context_option(const VtContext *ctx, VtRole role)
{
    const VtOption *option = vt_program_role(ctx->program, role);

    return option ? option->name : NULL;
}

void
vt_context_set_migratable(VtContext *ctx)
{
    g_assert(vt_context_option(ctx, VT_ROLE_MIGRATABLE));
    ctx->migratable = true;
}

bool
vt_context_migratable(const VtContext *ctx)
{
    return ctx->migratable;
}

const VtSchema *
vt_context_schema(const VtContext *ctx)
{
    return ctx->schema;
}

VtPlatform *
vt_context_platform(const VtContext *ctx)
{
    return ctx->platform;
}

const VtMachineName *
vt_context_machine(const VtContext *ctx)
{
    return ctx->machine.family ? &ctx->machine : NULL;
}

void
vt_context_set_release(VtContext *ctx, uint16_t release)
{
    g_assert(!ctx->has_images);
    ctx->release = release;
}

uint16_t
vt_context_release(const VtContext *ctx)
{
    return ctx->release;
}

uint16_t
vt_context_target(const VtContext *ctx)
{
    return ctx->target;
}

const char *
vt_context_accel(const VtContext *ctx)
{
    return ctx->accel;
}

bool
vt_class_exists(const VtClassInfo *info, const VtContext *ctx)
{
    const VtMachineName *machine = vt_context_machine(ctx);

    if (info->row->targets && !(info->row->targets & vt_context_target(ctx))) {
        return false;
    }
    return !vt_class_is_machine(info) || vt_class_is_abstract(info) || (machine && machine->family == info);
}
