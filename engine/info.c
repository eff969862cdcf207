/* SPDX-License-Identifier: MIT */
/*
 * Reads what a probe found, in place.
 */
#include "info.h"

#include <string.h>

#include "info-format.h"

static const InfoHead *
head(const VtEngineInfo *info)
{
    return (const void *)info->block;
}

static const void *
at(const VtEngineInfo *info, uint32_t offset)
{
    return info->block + offset;
}

static const char *
text(const VtEngineInfo *info, uint32_t offset)
{
    return offset ? info->block + offset : NULL;
}

/* Searches a sorted list whose elements of @size bytes begin with a text. */
static const void *
find(const VtEngineInfo *info, InfoList list, size_t size, const char *name)
{
    uint32_t low = 0, high = list.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const uint32_t *element = at(info, list.first + middle * size);
        int order = strcmp(name, text(info, *element));

        if (order == 0) {
            return element;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* ---- the engine ---------------------------------------------------------------------------------------- */

const char *
engine_info_identity(const VtEngineInfo *info)
{
    return text(info, head(info)->identity);
}

const char *
vt_engine_info_binary(const VtEngineInfo *info)
{
    return info->binary;
}

bool
vt_engine_info_cached(const VtEngineInfo *info)
{
    return info->mapped;
}

const char *
vt_engine_info_package(const VtEngineInfo *info)
{
    return text(info, head(info)->package);
}

const char *
vt_engine_info_target(const VtEngineInfo *info)
{
    return text(info, head(info)->target);
}

const uint32_t *
vt_engine_info_version(const VtEngineInfo *info)
{
    return head(info)->version;
}

const char *
vt_engine_info_schema(const VtEngineInfo *info, size_t *ret_len)
{
    *ret_len = head(info)->schema_len;
    return text(info, head(info)->schema);
}

bool
vt_engine_info_has_command(const VtEngineInfo *info, const char *name)
{
    return find(info, head(info)->commands, sizeof(uint32_t), name);
}

bool
vt_engine_info_has_option(const VtEngineInfo *info, const char *name)
{
    return find(info, head(info)->options, sizeof(uint32_t), name);
}

/* ---- types --------------------------------------------------------------------------------------------- */

static const InfoType *
type_of(const VtEngineType *type)
{
    return (const void *)type;
}

const VtEngineType *
vt_engine_info_type(const VtEngineInfo *info, const char *name)
{
    return find(info, head(info)->types, sizeof(InfoType), name);
}

const char *
vt_engine_type_parent(const VtEngineInfo *info, const VtEngineType *type)
{
    return text(info, type_of(type)->parent);
}

bool
vt_engine_type_is_abstract(const VtEngineType *type)
{
    return type_of(type)->flags & INFO_TYPE_ABSTRACT;
}

bool
vt_engine_type_is_known(const VtEngineType *type)
{
    return type_of(type)->props.count > 0;
}

bool
vt_engine_type_is_a(const VtEngineInfo *info, const VtEngineType *type, const char *ancestor)
{
    while (type) {
        const char *parent = text(info, type_of(type)->parent);

        if (strcmp(text(info, type_of(type)->name), ancestor) == 0) {
            return true;
        }
        type = parent ? vt_engine_info_type(info, parent) : NULL;
    }
    return false;
}

static void
read_prop(const VtEngineInfo *info, const InfoProp *prop, VtEngineProp *ret_prop)
{
    *ret_prop = (VtEngineProp){text(info, prop->name), text(info, prop->type), text(info, prop->value)};
}

bool
vt_engine_type_prop(const VtEngineInfo *info, const VtEngineType *type, const char *name, VtEngineProp *ret_prop)
{
    const InfoProp *prop = find(info, type_of(type)->props, sizeof(InfoProp), name);

    if (prop) {
        read_prop(info, prop, ret_prop);
    }
    return prop;
}

size_t
vt_engine_type_n_props(const VtEngineType *type)
{
    return type_of(type)->props.count;
}

void
vt_engine_type_prop_at(const VtEngineInfo *info, const VtEngineType *type, size_t i, VtEngineProp *ret_prop)
{
    const InfoProp *props = at(info, type_of(type)->props.first);

    read_prop(info, &props[i], ret_prop);
}

/* ---- machines ------------------------------------------------------------------------------------------ */

static const InfoMachine *
machine_of(const VtEngineMachine *machine)
{
    return (const void *)machine;
}

size_t
vt_engine_info_n_machines(const VtEngineInfo *info)
{
    return head(info)->machines.count;
}

const VtEngineMachine *
vt_engine_info_machine_at(const VtEngineInfo *info, size_t i)
{
    return at(info, head(info)->machines.first + i * sizeof(InfoMachine));
}

const VtEngineMachine *
vt_engine_info_machine(const VtEngineInfo *info, const char *name)
{
    const VtEngineMachine *found = find(info, head(info)->machines, sizeof(InfoMachine), name);

    for (size_t i = 0; !found && i < vt_engine_info_n_machines(info); i++) {
        const VtEngineMachine *machine = vt_engine_info_machine_at(info, i);

        if (g_strcmp0(text(info, machine_of(machine)->alias), name) == 0) {
            found = machine;
        }
    }
    return found;
}

const char *
vt_engine_machine_name(const VtEngineInfo *info, const VtEngineMachine *machine)
{
    return text(info, machine_of(machine)->name);
}

bool
vt_engine_machine_has_compat(const VtEngineMachine *machine)
{
    return machine_of(machine)->flags & INFO_MACHINE_COMPAT;
}

const char *
vt_engine_machine_compat(const VtEngineInfo *info, const VtEngineMachine *machine, const VtEngineType *type,
                         const char *property)
{
    const InfoMachine *self = machine_of(machine);
    const InfoCompat *compat = at(info, self->compat.first);
    const char *value = NULL;

    /* A later one overrides an earlier one, whatever the types. */
    for (uint32_t i = 0; i < self->compat.count; i++) {
        if (strcmp(text(info, compat[i].property), property) == 0 &&
            vt_engine_type_is_a(info, type, text(info, compat[i].type))) {
            value = text(info, compat[i].value);
        }
    }
    return value;
}
