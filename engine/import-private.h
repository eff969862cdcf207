/* SPDX-License-Identifier: MIT */
/*
 * Internals of the import. Each file uses only files before it in this list: import-reduce.c (values that are the
 * defaults), import-paths.c (relative paths), import-words.c (a command line).
 */
#pragma once

#include "vt-engine/import.h"

/* Makes the paths of @config absolute that name files in the directory of @import. @vm: the plan of
 * @config. Names the descriptors that only the running process has. */
void engine_import_paths(const VtEngineImport *import, const VtVm *vm, json_object *config);
