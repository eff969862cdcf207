/* SPDX-License-Identifier: MIT */
/*
 * null: discards output and never has input.
 */
#include "chardev.h"
#include "vt-gen/backends.h"

static bool
realize(VtObject *object, GError **error)
{
    static const VtCharOps ops = {0};

    (void)error;
    vt_chardev_open(object, &ops, true);
    return true;
}

const VtOps vt_ops_chardev_null = {.realize = realize};
