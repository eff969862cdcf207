/* SPDX-License-Identifier: MIT */
/*
 * What the classes of own-vmm.json do, and the probe of its platform feature.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "own-program-own-vmm.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

extern const VtProbe vt_probe_own_shared_memory;

typedef struct Sink {
    FILE *file;
} Sink;

/* ---- sink-file ----------------------------------------------------------------------------------------- */

static bool
sink_realize(VtObject *object, GError **error)
{
    const VtSinkFile *config = vt_object_config(object);
    Sink *sink = vt_object_state(object, &vt_ops_sink_file);

    sink->file = config->path ? fopen(config->path, "w") : fdopen(dup(STDOUT_FILENO), "w");
    if (!sink->file) {
        vt_error_set(error, "path: cannot open '%s': %s", config->path ? config->path : "stdout", g_strerror(errno));
        return false;
    }
    setvbuf(sink->file, NULL, config->buffered ? _IOFBF : _IOLBF, 0);
    return true;
}

static void
sink_unrealize(VtObject *object)
{
    fclose(((Sink *)vt_object_state(object, &vt_ops_sink_file))->file);
}

const VtOps vt_ops_sink_file = {.state_size = sizeof(Sink), .realize = sink_realize, .unrealize = sink_unrealize};

static FILE *
sink_of(const VtRef *ref)
{
    return ((Sink *)vt_object_state(ref->target, &vt_ops_sink_file))->file;
}

/* ---- sign ---------------------------------------------------------------------------------------------- */

static bool
sign_validate(VtObject *object, GError **error)
{
    const VtSign *config = vt_object_config(object);

    if (!g_utf8_validate(config->text, -1, NULL)) {
        vt_error_set(error, "text: '%s' is not UTF-8", config->text);
        return false;
    }
    return true;
}

static bool
sign_realize(VtObject *object, GError **error)
{
    const VtSign *config = vt_object_config(object);

    (void)error;
    fprintf(sink_of(&config->sink), "[%-*.*s]\n", config->width, config->width, config->text);
    return true;
}

const VtOps vt_ops_sign = {.validate = sign_validate, .realize = sign_realize};

/* ---- bell ---------------------------------------------------------------------------------------------- */

static bool
bell_realize(VtObject *object, GError **error)
{
    const VtBell *config = vt_object_config(object);

    (void)error;
    for (unsigned i = 0; i < config->strokes; i++) {
        fputs(i ? " ding" : "ding", sink_of(&config->sink));
    }
    fputc('\n', sink_of(&config->sink));
    return true;
}

const VtOps vt_ops_bell = {.realize = bell_realize};

/* ---- desk ---------------------------------------------------------------------------------------------- */

const VtOps vt_ops_desk = {0};

/* ---- the host ------------------------------------------------------------------------------------------ */

static VtAnswer
ask_shared_memory(char **ret_detail)
{
    if (access("/dev/shm", W_OK) == 0) {
        return VT_ANSWER_YES;
    }
    *ret_detail = g_strdup_printf("/dev/shm: %s", g_strerror(errno));
    return VT_ANSWER_NO;
}

const VtProbe vt_probe_own_shared_memory = {ask_shared_memory};
