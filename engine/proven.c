/* SPDX-License-Identifier: MIT */
#include "proven.h"

#include <string.h>

#include "info.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/replace-file.h"

#define FORMAT    "1" /* of the file, and of what a key stands for */
#define SUFFIX    "proven"
#define SUM       ((size_t)64) /* digits of a key in the file, before a line end */
#define KEYS_MAX  ((size_t)1024)
#define BYTES_MAX (KEYS_MAX * (SUM + 1))

struct EngineProven {
    const VtEngineInfo *info;
    char *file;
    GString *sums; /* of the keys, a line each, the newest last */
    bool changed;
};

EngineProven *
engine_proven_new(const VtEngineInfo *info)
{
    EngineProven *proven = g_new0(EngineProven, 1);
    g_autofree char *text = NULL;
    const char *why;
    size_t size;

    proven->info = info;
    proven->file = engine_cache_file(info->binary, SUFFIX);
    text = vt_file_read(proven->file, BYTES_MAX, &size, &why);
    proven->sums = g_string_new(text ? text : "");
    return proven;
}

void
engine_proven_free(EngineProven *proven)
{
    if (proven) {
        g_free(proven->file);
        g_string_free(proven->sums, TRUE);
        g_free(proven);
    }
}

static char *
sum_of(const EngineProven *proven, const char *key)
{
    g_autofree char *text = g_strconcat(FORMAT "\n", engine_info_identity(proven->info), "\n", key, NULL);

    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

bool
engine_proven_has(const EngineProven *proven, const char *key)
{
    g_autofree char *sum = sum_of(proven, key);

    return strstr(proven->sums->str, sum) != NULL;
}

void
engine_proven_add(EngineProven *proven, const char *key)
{
    g_autofree char *sum = sum_of(proven, key);

    if (!strstr(proven->sums->str, sum)) {
        g_string_append_printf(proven->sums, "%s\n", sum);
        proven->changed = true;
    }
}

void
engine_proven_store(EngineProven *proven)
{
    size_t len = proven->sums->len;

    if (!proven->changed) {
        return;
    }
    if (len > BYTES_MAX) {
        g_string_erase(proven->sums, 0, (gssize)(len - BYTES_MAX));
    }
    engine_cache_store(proven->file, proven->sums->str, proven->sums->len);
    proven->changed = false;
}
