/* SPDX-License-Identifier: MIT */
/*
 * The cache of infos: one file for each path of a binary, in the user's cache directory.
 *
 * A file is mapped and read in place. Its checksum proves that it is complete; its identity, that it is of the binary
 * that is there now.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "identity.h"
#include "info.h"
#include "info-format.h"
#include "vt-runtime/error.h"
#include "vt-runtime/replace-file.h"

#define DIRECTORY_MODE 0700

char *
engine_cache_file(const char *path, const char *suffix)
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, path, -1);
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *name = g_strdup_printf("%s-%.16s.%s", base, sum, suffix);

    return g_build_filename(g_get_user_cache_dir(), "vintage", name, NULL);
}

/* Whether the @size bytes of @block are a complete info of the binary with @identity. */
static bool
is_valid(const char *block, size_t size, const char *identity)
{
    const InfoHead *head = (const void *)block;

    return size > sizeof(*head) && memcmp(head->magic, INFO_MAGIC, sizeof(head->magic)) == 0 &&
           head->format == INFO_FORMAT && head->size == size && size % 8 == 0 &&
           head->checksum == info_block_checksum(block, head->size) && head->identity < size &&
           strcmp(block + head->identity, identity) == 0;
}

static bool
load(VtEngineInfo *info, const char *file, const char *identity)
{
    GMappedFile *mapped = g_mapped_file_new(file, FALSE, NULL);

    if (!mapped) {
        return false;
    }
    if (!is_valid(g_mapped_file_get_contents(mapped), g_mapped_file_get_length(mapped), identity)) {
        g_mapped_file_unref(mapped);
        return false;
    }
    info->mapped = mapped;
    info->block = g_mapped_file_get_contents(mapped);
    info->size = g_mapped_file_get_length(mapped);
    return true;
}

void
engine_cache_store(const char *file, const char *data, size_t size)
{
    g_autofree char *directory = g_path_get_dirname(file);

    if (g_mkdir_with_parents(directory, DIRECTORY_MODE) == 0) {
        vt_file_replace(file, data, size, NULL);
    }
}

VtEngineInfo *
vt_engine_info_new(const char *binary, GError **error)
{
    g_autoptr(VtEngineInfo) info = g_new0(VtEngineInfo, 1);
    g_autofree char *identity = NULL, *file = NULL;

    info->binary = g_find_program_in_path(binary);
    if (!info->binary) {
        vt_error_set(error, "no program '%s'; expected the path or the name of a QEMU, such as qemu-system-x86_64",
                     binary);
        return NULL;
    }
    identity = engine_identity(info->binary, error);
    if (!identity) {
        return NULL;
    }
    file = engine_cache_file(info->binary, "engine");
    if (!load(info, file, identity)) {
        info->own = vt_engine_probe(info->binary, identity, error);
        if (!info->own) {
            return NULL;
        }
        info->block = (const char *)info->own->data;
        info->size = info->own->len;
        engine_cache_store(file, info->block, info->size);
    }
    return g_steal_pointer(&info);
}

void
vt_engine_info_free(VtEngineInfo *info)
{
    if (info) {
        g_free(info->binary);
        g_clear_pointer(&info->own, g_byte_array_unref);
        g_clear_pointer(&info->mapped, g_mapped_file_unref);
        g_free(info);
    }
}
