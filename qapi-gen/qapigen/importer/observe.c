/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a QEMU that is being asked (observe.py): writes what every property of a fresh object says, a line of
 * JSON per type, to the file named by $VINTAGE_OBSERVE, and ends the process.
 *
 * A machine's compat properties are laid over an object when it is made, and no QMP command shows an object between
 * that and its realization. So this asks from within, by the functions that a QEMU with modules exports; of its
 * structures only the first fields of a property are known here.
 */
#include <dlfcn.h>
#include <glib.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Object Object;
typedef struct ObjectClass ObjectClass;
typedef struct QObject QObject;
typedef struct Error Error;

typedef struct ObjectProperty {
    char *name;
    char *type;
    char *description;
    void *get;
    void *set;
} ObjectProperty;

/* QEMU's is smaller. */
typedef struct Iterator {
    void *words[32];
} Iterator;

static struct {
    GSList *(*object_class_get_list)(const char *, bool);
    const char *(*object_class_get_name)(ObjectClass *);
    ObjectClass *(*object_class_dynamic_cast)(ObjectClass *, const char *);
    ObjectClass *(*object_get_class)(Object *);
    Object *(*object_new)(const char *);
    void (*object_unref)(Object *);
    void (*object_property_iter_init)(Iterator *, Object *);
    ObjectProperty *(*object_property_iter_next)(Iterator *);
    QObject *(*object_property_get_qobject)(Object *, const char *, Error **);
    GString *(*qobject_to_json)(const QObject *);
    const char *(*error_get_pretty)(const Error *);
    void (*error_free)(Error *);
    Object *(*qdev_get_machine)(void);
    void (*module_load_qom_all)(void);
} q;

static FILE *out;
static sigjmp_buf guard;
static volatile sig_atomic_t guarded;

static void
on_crash(int number)
{
    if (guarded) {
        siglongjmp(guard, number);
    }
    signal(number, SIG_DFL);
    raise(number);
}

/* An object that can't be made on its own may end the program: not while it is being asked. */
void
exit(int status)
{
    void (*real)(int);

    if (guarded) {
        siglongjmp(guard, SIGABRT);
    }
    real = (void (*)(int))dlsym(RTLD_NEXT, "exit");
    real(status);
    abort();
}

static void
put_string(const char *text)
{
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            fprintf(out, "\\%c", *c);
        } else if (*c < 0x20 || *c >= 0x7f) {
            fprintf(out, "\\u%04x", *c);
        } else {
            fputc(*c, out);
        }
    }
    fputc('"', out);
}

static void
put_value(Object *object, const char *name)
{
    g_autofree char *note = NULL;
    QObject *value = NULL;
    Error *error = NULL;

    if (sigsetjmp(guard, 1)) {
        guarded = 0;
        fputs(", \"note\": \"skipped\"", out);
        return;
    }
    guarded = 1;
    value = q.object_property_get_qobject(object, name, &error);
    guarded = 0;
    if (value) {
        GString *json = q.qobject_to_json(value);

        fprintf(out, ", \"value\": %s", json->str);
        g_string_free(json, TRUE);
        return;
    }
    note = g_strconcat("error: ", error ? q.error_get_pretty(error) : "no value", NULL);
    fputs(", \"note\": ", out);
    put_string(note);
    if (error) {
        q.error_free(error);
    }
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp((*(ObjectProperty *const *)a)->name, (*(ObjectProperty *const *)b)->name);
}

static void
put_object(Object *object)
{
    g_autoptr(GPtrArray) properties = g_ptr_array_new();
    ObjectProperty *property;
    Iterator iterator;

    q.object_property_iter_init(&iterator, object);
    while ((property = q.object_property_iter_next(&iterator))) {
        g_ptr_array_add(properties, property);
    }
    g_ptr_array_sort(properties, by_name);
    fputs(", \"properties\": {", out);
    for (guint i = 0; i < properties->len; i++) {
        property = properties->pdata[i];
        fputs(i ? ", " : "", out);
        put_string(property->name);
        fputs(": {\"type\": ", out);
        put_string(property->type);
        if (!property->set) {
            fputs(", \"set\": false", out);
        }
        if (!g_str_has_prefix(property->type, "child<") && !g_str_has_prefix(property->type, "link<")) {
            put_value(object, property->name);
        }
        fputs("}", out);
    }
    fputs("}}\n", out);
}

static void
put_fresh(ObjectClass *class)
{
    const char *name = q.object_class_get_name(class);
    Object *object;

    if (sigsetjmp(guard, 1)) {
        guarded = 0;
        fputs("{\"failed\": ", out);
        put_string(name);
        fputs("}\n", out);
        return;
    }
    guarded = 1;
    object = q.object_new(name);
    guarded = 0;
    fputs("{\"name\": ", out);
    put_string(name);
    put_object(object);
    if (!sigsetjmp(guard, 1)) {
        guarded = 1;
        q.object_unref(object);
    }
    guarded = 0;
}

static gint
class_by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(q.object_class_get_name((ObjectClass *)a), q.object_class_get_name((ObjectClass *)b));
}

static bool
find_functions(void)
{
#define FIND(name) ((q.name = dlsym(RTLD_DEFAULT, #name)) != NULL)
    return FIND(object_class_get_list) && FIND(object_class_get_name) && FIND(object_class_dynamic_cast) &&
           FIND(object_get_class) && FIND(object_new) && FIND(object_unref) && FIND(object_property_iter_init) &&
           FIND(object_property_iter_next) && FIND(object_property_get_qobject) && FIND(qobject_to_json) &&
           FIND(error_get_pretty) && FIND(error_free) && FIND(qdev_get_machine) && FIND(module_load_qom_all);
#undef FIND
}

static gboolean
observe(gpointer path)
{
    static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_NODEFER};

    out = fopen(path, "w");
    if (!out || !find_functions()) {
        _exit(3);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(crashes); i++) {
        sigaction(crashes[i], &action, NULL);
    }
    q.module_load_qom_all();
    fputs("{\"machine\": ", out);
    put_string(q.object_class_get_name(q.object_get_class(q.qdev_get_machine())));
    put_object(q.qdev_get_machine());
    for (GSList *each = g_slist_sort(q.object_class_get_list("object", false), class_by_name); each;
         each = each->next) {
        if (q.object_class_dynamic_cast(each->data, "device") ||
            q.object_class_dynamic_cast(each->data, "user-creatable")) {
            put_fresh(each->data);
        }
    }
    fputs("{\"end\": true}\n", out);
    fclose(out);
    /* Objects were left half made: nothing else may run. */
    _exit(0);
}

static void __attribute__((constructor)) start(void)
{
    char *path = getenv("VINTAGE_OBSERVE");

    if (path) {
        /* The main loop begins when the machine is there; nothing may come before this. */
        g_timeout_add_full(G_PRIORITY_HIGH - 100, 0, observe, path, NULL);
    }
}
