/* SPDX-License-Identifier: MIT */
/*
 * Machines in a release of QEMU: a release has the machine versions up to its own.
 */
#include "schema/schema-private.h"
#include "vt-runtime/error.h"

static void
set_version(VtMachineName *machine, uint16_t version)
{
    if (machine->vendor) {
        return; /* it is of its base's version */
    }
    machine->version = version;
    g_free(machine->name);
    machine->name = vt_machine_version_name(machine->family, version);
}

static bool
check_removed(const VtMachineName *machine, uint16_t release, GError **error)
{
    g_autofree char *when = NULL;
    g_autofree char *left = NULL;
    const char *why;
    VtLife life;

    vt_machine_life(machine->family, machine->version, &life, &why);
    if (vt_life_stage(&life, release) != VT_LIFE_REMOVED) {
        return true;
    }
    when = vt_life_span_text(machine->family->schema, life.removed);
    left = vt_machine_oldest_left(machine->family, release);
    return vt_error_set(error, "machine '%s' was removed in %s%s%s%s", machine->name, when,
                        left ? "; the oldest that is left is '" : "", left ? left : "", left ? "'" : "");
}

bool
vt_machine_set_release(VtMachineName *machine, const char *asked, uint16_t release, GError **error)
{
    const VtClassInfo *family = machine->family;
    const char *name = vt_schema_version_name(family->schema, VT_AXIS_RELEASE, release);
    uint16_t newest = vt_schema_version_in_release(family->schema, VT_AXIS_MACHINE, release), own;

    if (!family->machine->from) {
        set_version(machine, newest);
        return true;
    }
    if (machine->version <= newest) {
        return check_removed(machine, release, error);
    }
    own = vt_machine_newest(family, newest);
    if (!own) {
        return vt_error_set(error, "machine '%s' does not exist in release %s", asked, name);
    }
    if (g_strcmp0(asked, machine->name) == 0) {
        g_autofree char *expected = vt_machine_version_name(family, own);

        return vt_error_set(error, "machine '%s' does not exist in release %s; expected '%s' or older", asked, name,
                            expected);
    }
    /* An alias names the newest version of the release. */
    set_version(machine, own);
    return true;
}
