/* SPDX-License-Identifier: MIT */
/*
 * The identity of a program file. The build-id is a note of an ELF file, which the linker computes from its content.
 */
#include "identity.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

#define NOTES_MAX    65536
#define SEGMENTS_MAX 256

/* Appends the build-id of the notes at @text. */
static void
append_id(GString *text, const char *notes, size_t size)
{
    while (size >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr note;
        size_t name, length;

        memcpy(&note, notes, sizeof(note));
        name = ((size_t)note.n_namesz + 3) / 4 * 4;
        length = sizeof(note) + name + ((size_t)note.n_descsz + 3) / 4 * 4;
        if (length > size) {
            return;
        }
        for (size_t i = 0; note.n_type == NT_GNU_BUILD_ID && i < note.n_descsz; i++) {
            g_string_append_printf(text, "%02x", (guint8)notes[sizeof(note) + name + i]);
        }
        notes += length;
        size -= length;
    }
}

/* Appends the build-id of the 64-bit ELF file @fd; nothing if it is no such file. */
static void
append_build_id(GString *text, int fd)
{
    Elf64_Ehdr head;
    Elf64_Phdr segment;

    if (pread(fd, &head, sizeof(head), 0) != sizeof(head) || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
        head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_phentsize != sizeof(segment)) {
        return;
    }
    for (unsigned i = 0; i < MIN(head.e_phnum, SEGMENTS_MAX); i++) {
        g_autofree char *notes = NULL;

        if (pread(fd, &segment, sizeof(segment), head.e_phoff + i * sizeof(segment)) != sizeof(segment)) {
            return;
        }
        if (segment.p_type != PT_NOTE || segment.p_filesz > NOTES_MAX) {
            continue;
        }
        notes = g_malloc(segment.p_filesz);
        if (pread(fd, notes, segment.p_filesz, segment.p_offset) == (ssize_t)segment.p_filesz) {
            append_id(text, notes, segment.p_filesz);
        }
    }
}

char *
engine_identity(const char *path, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct stat stat;
    const char *why = NULL;
    int fd = vt_file_open(path, O_RDONLY, VT_FILE_REGULAR, 0, &why);

    if (fd < 0 || fstat(fd, &stat) < 0) {
        vt_error_set(error, "cannot read '%s': %s", path, why ? why : g_strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    g_string_printf(text, "%s %lld %lld.%09ld %llu ", path, (long long)stat.st_size, (long long)stat.st_mtim.tv_sec,
                    stat.st_mtim.tv_nsec, (unsigned long long)stat.st_ino);
    append_build_id(text, fd);
    close(fd);
    return g_string_free(g_steal_pointer(&text), FALSE);
}
