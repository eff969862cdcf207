/* SPDX-License-Identifier: MIT */
/*
 * sev-common: memory encryption by an AMD processor.  The processor is queried when the guest starts.  Here are the
 * checks that need no processor.
 */
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

#define ADDRESS_BITS 64

static bool
validate(VtObject *object, GError **error)
{
    const VtSevCommon *config = vt_object_config(object);

    if (config->cbitpos >= ADDRESS_BITS) {
        return vt_error_set(error, "cbitpos: %u is not a bit of an address", config->cbitpos);
    }
    if (config->reduced_phys_bits == 0 || config->reduced_phys_bits >= ADDRESS_BITS) {
        return vt_error_set(error, "reduced-phys-bits: %u is not between 1 and %d", config->reduced_phys_bits,
                            ADDRESS_BITS - 1);
    }
    return true;
}

const VtOps vt_ops_sev_common = {.validate = validate};
