/* SPDX-License-Identifier: MIT */
/*
 * Host files: what one host answered, for use on another.
 *
 * A host file is JSON text in one of three forms:
 *   - HostInfo of the schema, which 'vintage platform probe -o' writes and query-platform-host returns;
 *   - the features of it only, which 'vintage platform probe --json' prints;
 *   - {"sev-init2": "yes"|"no"|"unknown"|"not-applicable", …}, for people who write one.
 */
#pragma once

#include <json-c/json.h>

#include "vt-runtime/context.h"

#define VT_HOST_FILE_MAX ((size_t)1 << 20)

/* Describes the host of @platform as HostInfo of the schema: a new reference. Runs all probes that were not run. */
json_object *vt_host_info_new(VtPlatform *platform);
/* The features of it: a new reference. */
json_object *vt_host_info_features(VtPlatform *platform);

/* As vt_platform_new(), with @len bytes of a host file, from @where. */
VtPlatform *vt_platform_new_text(const VtSchema *schema, const char *where, const char *text, size_t len,
                                 GError **error);
/* The name of the host, as its file states it; NULL: it does not. Borrowed. */
const char *vt_platform_host(const VtPlatform *platform);
/* Whether @path is a file that states features of a host, in any of the forms. */
bool vt_host_file_is(const char *path);
