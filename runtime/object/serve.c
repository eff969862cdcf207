/* SPDX-License-Identifier: MIT */
/*
 * Objects that this process serves to a runner.
 */
#include "object/object-private.h"
#include "vt-runtime/error.h"

typedef struct Served {
    const VtServeOps *ops;
    void *service;
} Served;

static const VtServeOps *
serve_ops(const VtObject *object)
{
    for (size_t i = object->class->n_ops; i-- > 0;) {
        if (object->class->ops[i]->serve) {
            return object->class->ops[i]->serve;
        }
    }
    return NULL;
}

static void
served_free(void *opaque)
{
    Served *served = opaque;

    served->ops->stop(served->service);
    g_free(served);
}

int
vt_object_serve_type(const VtObject *object)
{
    const VtServeOps *ops = serve_ops(object);

    return ops ? ops->type : 0;
}

bool
vt_object_serve(VtObject *object, int fd, GError **error)
{
    VtVm *vm = object->vm;
    const VtServeOps *ops = serve_ops(object);
    void *service = ops->start(object, fd, error);
    Served *served;

    if (!service) {
        g_autofree char *title = vt_object_title(object);

        g_prefix_error(error, "%s: ", title);
        return false;
    }
    served = g_new(Served, 1);
    *served = (Served){ops, service};
    if (!vm->served) {
        vm->served = g_hash_table_new_full(NULL, NULL, NULL, served_free);
    }
    g_hash_table_insert(vm->served, object, served);
    return true;
}

void
vt_object_unserve(VtObject *object)
{
    if (object->vm->served) {
        g_hash_table_remove(object->vm->served, object);
    }
}
