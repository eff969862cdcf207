/* SPDX-License-Identifier: MIT */
/*
 * SMBIOS.  This process runs no firmware that reads the tables; the options are checked and stored.
 */
#include "vt-gen/machine.h"
#include "vt-runtime/object.h"

const VtOps vt_ops_smbios_file;
const VtOps vt_ops_smbios_type0;
const VtOps vt_ops_smbios_type1;
const VtOps vt_ops_smbios_type2;
const VtOps vt_ops_smbios_type3;
const VtOps vt_ops_smbios_type4;
const VtOps vt_ops_smbios_type8;
const VtOps vt_ops_smbios_type9;
const VtOps vt_ops_smbios_type11;
const VtOps vt_ops_smbios_type17;
const VtOps vt_ops_smbios_type41;
