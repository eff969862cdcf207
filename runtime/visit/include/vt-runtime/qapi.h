/* SPDX-License-Identifier: MIT */
/*
 * QAPI entry points, for programs with a plain QAPI schema. qapi-gen writes a line into qapi.h for each type and
 * command. The macros below turn each line into functions over the tables.
 */
#pragma once

#include "vt-runtime/input.h"
#include "vt-runtime/output.h"

struct VtMonitor;

/* Reads values from an input, or writes values to a json-c tree. */
typedef struct VtVisitor VtVisitor;

/* Return a visitor owned by the caller. vt_visitor_new_input() takes ownership of @input. */
VtVisitor *vt_visitor_new_input(const VtProgram *program, VtInput *input);
VtVisitor *vt_visitor_new_output(const VtProgram *program);
/* Returns the last value that was written, a new reference; NULL: none, or JSON null. */
json_object *vt_visitor_output(VtVisitor *visitor);
void vt_visitor_free(VtVisitor *visitor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtVisitor, vt_visitor_free)

/* Returns the schema of the program, created by the first call and never freed. Any thread may call it. */
const VtSchema *vt_program_schema(const VtProgram *program);

/* Input: *@obj is a new value, which vt_qapi_free() frees; NULL on failure. Output: writes *@obj and returns true.
 * @name (may be NULL) is a prefix of @error. */
bool vt_qapi_visit(VtVisitor *visitor, const char *name, uint16_t type, void **obj, GError **error);
bool vt_qapi_visit_enum(VtVisitor *visitor, const char *name, uint16_t type, uint32_t *value, GError **error);
void vt_qapi_free(const VtProgram *program, uint16_t type, void *obj);
/* Decodes @args (may be NULL) and runs @command, which must exist. *@ret_answer is a new reference; NULL: no result.
 * Returns false and sets @error on failure. */
bool vt_qapi_marshal(const VtProgram *program, const char *command, struct VtMonitor *monitor, json_object *args,
                     json_object **ret_answer, GError **error);

/*
 * The macro arguments are types and function names, which take no parentheses. NOLINTBEGIN(bugprone-macro-parentheses)
 */
#define VT_QAPI_TYPE(program, name, c_type, number)                                                                    \
    G_GNUC_UNUSED static inline bool visit_type_##name(VtVisitor *visitor, const char *key, c_type **obj,              \
                                                       GError **error)                                                 \
    {                                                                                                                  \
        return vt_qapi_visit(visitor, key, number, (void **)obj, error);                                               \
    }                                                                                                                  \
    G_GNUC_UNUSED static inline void qapi_free_##name(c_type *obj)                                                     \
    {                                                                                                                  \
        vt_qapi_free(&program, number, obj);                                                                           \
    }

#define VT_QAPI_ENUM(program, name, c_type, number)                                                                    \
    G_GNUC_UNUSED static inline bool visit_type_##name(VtVisitor *visitor, const char *key, c_type *value,             \
                                                       GError **error)                                                 \
    {                                                                                                                  \
        uint32_t index = (uint32_t)*value;                                                                             \
        bool ok = vt_qapi_visit_enum(visitor, key, number, &index, error);                                             \
                                                                                                                       \
        *value = (c_type)index;                                                                                        \
        return ok;                                                                                                     \
    }

#define VT_QAPI_COMMAND(program, c_name, name)                                                                         \
    G_GNUC_UNUSED static inline bool qmp_marshal_##c_name(struct VtMonitor *monitor, json_object *args,                \
                                                          json_object **ret_answer, GError **error)                    \
    {                                                                                                                  \
        return vt_qapi_marshal(&program, name, monitor, args, ret_answer, error);                                      \
    }
/* NOLINTEND(bugprone-macro-parentheses) */
