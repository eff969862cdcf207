/* SPDX-License-Identifier: MIT */
/*
 * Properties that all disks share.
 */
#include "block-conf.h"

#include "vt-runtime/error.h"

#define BLOCK_SIZE_MIN    512
#define BLOCK_SIZE_MAX    (2 << 20)
#define UNSET_GRANULARITY G_MAXUINT32 /* the device chooses */

static bool
check_block_size(const char *name, uint64_t size, GError **error)
{
    if (size < BLOCK_SIZE_MIN || size > BLOCK_SIZE_MAX || (size & (size - 1))) {
        return vt_error_set(error, "%s: %" G_GUINT64_FORMAT " is not a power of two between %d and %d", name, size,
                            BLOCK_SIZE_MIN, BLOCK_SIZE_MAX);
    }
    return true;
}

static bool
check_multiple(const char *name, uint64_t size, uint64_t block, GError **error)
{
    if (size % block) {
        return vt_error_set(error,
                            "%s: %" G_GUINT64_FORMAT " is not a multiple of logical_block_size, %" G_GUINT64_FORMAT,
                            name, size, block);
    }
    return true;
}

/* The default sector size of a drive. */
uint64_t
vt_derive_block_sector_size(void)
{
    return BLOCK_SIZE_MIN;
}

bool
vt_block_conf_check(const VtBlockConf *conf, GError **error)
{
    /* An explicit 0 means the default, as if the member were not set. */
    uint64_t logical = conf->logical_block_size ? conf->logical_block_size : vt_derive_block_sector_size();
    uint64_t physical = conf->physical_block_size ? conf->physical_block_size : vt_derive_block_sector_size();

    if (!check_block_size("logical_block_size", logical, error) ||
        !check_block_size("physical_block_size", physical, error)) {
        return false;
    }
    if (logical > physical) {
        return vt_error_set(error,
                            "logical_block_size: %" G_GUINT64_FORMAT " exceeds physical_block_size, %" G_GUINT64_FORMAT,
                            logical, physical);
    }
    if (conf->discard_granularity != UNSET_GRANULARITY &&
        !check_multiple("discard_granularity", conf->discard_granularity, logical, error)) {
        return false;
    }
    return check_multiple("min_io_size", conf->min_io_size, logical, error) &&
           check_multiple("opt_io_size", conf->opt_io_size, logical, error);
}

bool
vt_block_conf_claim(VtObject *device, const VtBlockConf *conf, GError **error)
{
    const VtBlockdev *node = vt_object_config(conf->drive.target);
    const VtClaim claim = {.merge = -1, .dump = -1, .read_only = node->read_only, .share = conf->share_rw};

    return vt_backend_claim(device, &conf->drive, &claim, error);
}
