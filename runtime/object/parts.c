/* SPDX-License-Identifier: MIT */
/*
 * /machine/unattached: what the machine brings.  Processors come first, then the devices of the board in the order of
 * their creation.
 */
#include <string.h>

#include "object/object-private.h"

#define PART   "device"
#define THREAD "thread"

void
vt_vm_set_processors(VtVm *vm, const VtProcessorOps *ops, void *opaque)
{
    g_assert(!vm->processors);
    vm->processors = ops;
    vm->processors_opaque = opaque;
}

void
vt_parts_free(VtVm *vm)
{
    if (vm->processors) {
        vm->processors->free(vm->processors_opaque);
        vm->processors = NULL;
    }
}

static bool
is_processor(const VtObject *object)
{
    return object->config->model != NULL;
}

bool
vt_part_is(const VtObject *object)
{
    return object != object->vm->machine && !object->config->id && strcmp(object->class->info.kind, "device") == 0 &&
           (object->config->of_board || is_processor(object));
}

VtObject *
vt_vm_processor(const VtVm *vm)
{
    const VtKindMap *map = vt_objects_kind(vm, "device");

    for (GList *link = map ? map->anonymous.head : NULL; link; link = link->next) {
        if (is_processor(link->data)) {
            return link->data;
        }
    }
    return NULL;
}

/* The number of processors, or of cores that have processors below. */
static unsigned
n_processors(const VtVm *vm)
{
    return vm->processors ? vm->processors->count(vm->processors_opaque) : vt_vm_processor(vm) ? 1 : 0;
}

static unsigned
n_threads(const VtVm *vm)
{
    return vm->processors ? vm->processors->threads(vm->processors_opaque) : 0;
}

static char *
numbered(const char *stem, unsigned number)
{
    return g_strdup_printf("%s[%u]", stem, number);
}

bool
vt_parse_number(const char *text, guint64 *ret_number)
{
    size_t len = strlen(text);
    g_autofree char *digits = len > 2 ? g_strndup(text + 1, len - 2) : NULL;

    return digits && text[0] == '[' && text[len - 1] == ']' &&
           g_ascii_string_to_unsigned(digits, 10, 0, G_MAXUINT - 1, ret_number, NULL);
}

/* The number of @name, STEM[N]; -1: it is another name. */
static int
number_in(const char *name, const char *stem)
{
    size_t len = strlen(stem);
    guint64 number;

    return strncmp(name, stem, len) == 0 && vt_parse_number(name + len, &number) && number <= G_MAXINT ? (int)number
                                                                                                       : -1;
}

/* The device of the board with number @number, or the number of @part. */
static VtObject *
board_part(const VtVm *vm, const VtObject *part, unsigned *number)
{
    const VtKindMap *map = vt_objects_kind(vm, "device");
    unsigned at = 0;

    for (GList *link = map ? map->anonymous.head : NULL; link; link = link->next) {
        VtObject *object = link->data;

        if (!vt_part_is(object) || is_processor(object)) {
            continue;
        }
        if (part ? object == part : at == *number) {
            *number = at;
            return object;
        }
        at++;
    }
    return NULL;
}

char *
vt_vm_processor_path(unsigned number)
{
    return g_strdup_printf(VT_PARTS "/" PART "[%u]", number);
}

char *
vt_vm_thread_path(const char *core, unsigned thread)
{
    return g_strdup_printf("%s/" THREAD "[%u]", core, thread);
}

char *
vt_part_name(const VtObject *object)
{
    unsigned number = 0;

    if (is_processor(object)) {
        return g_strdup(n_threads(object->vm) ? PART "[0]/" THREAD "[0]" : PART "[0]");
    }
    board_part(object->vm, object, &number);
    return numbered(PART, n_processors(object->vm) + number);
}

VtObject *
vt_parts_find(const VtVm *vm, char *const **parts)
{
    int number = number_in(**parts, PART), thread = -1;
    unsigned n = n_processors(vm), at;

    if (number < 0) {
        return NULL;
    }
    ++*parts;
    if ((unsigned)number >= n) {
        at = (unsigned)number - n;
        return board_part(vm, NULL, &at);
    }
    if (!vm->processors) {
        return vt_vm_processor(vm);
    }
    if (**parts && n_threads(vm)) {
        thread = number_in(**parts, THREAD);
        if (thread < 0 || (unsigned)thread >= n_threads(vm)) {
            return NULL;
        }
        ++*parts;
    }
    return vm->processors->get((unsigned)number, thread, vm->processors_opaque);
}

static const char *
processor_type(const VtVm *vm, bool thread)
{
    return vm->processors ? vm->processors->type(thread, vm->processors_opaque) : vt_vm_processor(vm)->class->info.name;
}

/* The number of processors below @object, which @vm or another VM for its processors has. */
static unsigned
threads_below(const VtVm *vm, const VtObject *object)
{
    unsigned n = n_threads(vm);

    return n && strcmp(object->class->info.name, processor_type(vm, false)) == 0 ? n : 0;
}

/* The processors of all cores are alike. */
VtObject *
vt_part_thread(const VtObject *object, const char *name)
{
    const VtVm *vm = object->vm;
    int thread = name ? number_in(name, THREAD) : -1;

    return thread >= 0 && (unsigned)thread < threads_below(vm, object)
               ? vm->processors->get(0, thread, vm->processors_opaque)
               : NULL;
}

void
vt_parts_list(const VtVm *vm, VtTreeFunc func, void *opaque)
{
    unsigned n = n_processors(vm), number = 0;
    const VtObject *part;

    for (unsigned i = 0; i < n; i++) {
        g_autofree char *name = numbered(PART, i);

        func(name, processor_type(vm, false), opaque);
    }
    while ((part = board_part(vm, NULL, &number))) {
        g_autofree char *name = numbered(PART, n + number++);

        func(name, part->class->info.name, opaque);
    }
}

void
vt_part_list_threads(const VtVm *vm, const VtObject *object, VtTreeFunc func, void *opaque)
{
    unsigned n = threads_below(vm, object);

    for (unsigned i = 0; i < n; i++) {
        g_autofree char *name = numbered(THREAD, i);

        func(name, processor_type(vm, true), opaque);
    }
}
