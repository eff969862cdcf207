/* SPDX-License-Identifier: MIT */
/*
 * QAPI's familiar entry points, for programs whose schema is plain QAPI: what qapi-gen writes into qapi.h is a line for
 * each type and command, and these macros make functions of them over the tables.
 */
#pragma once

#include "vt-runtime/input.h"
#include "vt-runtime/output.h"

struct VtMonitor;

/* Reads values from an input, or writes them to a tree. */
typedef struct VtVisitor VtVisitor;

/* Takes @input. */
VtVisitor *vt_visitor_new_input(const VtProgram *program, VtInput *input);
VtVisitor *vt_visitor_new_output(const VtProgram *program);
/* What was written: a new reference; NULL: nothing was. */
json_object *vt_visitor_output(VtVisitor *visitor);
void vt_visitor_free(VtVisitor *visitor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtVisitor, vt_visitor_free)

/* The schema of the program's layers: made at first use, kept for good. */
const VtSchema *vt_program_schema(const VtProgram *program);

/* Input: *@obj is new, NULL on error.  Output: reads *@obj.  @name begins messages; it may be NULL. */
bool vt_qapi_visit(VtVisitor *visitor, const char *name, uint16_t type, void **obj, GError **error);
bool vt_qapi_visit_enum(VtVisitor *visitor, const char *name, uint16_t type, uint32_t *value, GError **error);
void vt_qapi_free(const VtProgram *program, uint16_t type, void *obj);
/* Decodes @args (NULL: none), runs the command's function and gives its answer: a new reference, NULL for no data. */
bool vt_qapi_marshal(const VtProgram *program, const char *command, struct VtMonitor *monitor, json_object *args,
                     json_object **ret_answer, GError **error);

/* A type or a function's name takes no parentheses.  NOLINTBEGIN(bugprone-macro-parentheses) */
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
