/* SPDX-License-Identifier: MIT */
/*
 * memory-backend-memfd: an anonymous file, with seals against a change of its size.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

#define USUAL 1 /* selects the host's default huge page size */

static bool
is_power_of_two(uint64_t number)
{
    return number && !(number & (number - 1));
}

static unsigned
huge_flags(uint64_t huge)
{
    if (huge <= USUAL) {
        return huge ? MFD_HUGETLB : 0;
    }
    return MFD_HUGETLB | (unsigned)(63 - __builtin_clzll(huge)) << MFD_HUGE_SHIFT;
}

static bool
check_huge_size(int fd, uint64_t size, GError **error)
{
    size_t page_size = vt_memory_page_size(fd);

    return size % page_size == 0 ||
           vt_error_set(error, "size: %" G_GUINT64_FORMAT " is not a multiple of the huge page size %zu", size,
                        page_size);
}

int
vt_memory_create_fd(const char *name, uint64_t size, uint64_t huge, bool seal, GError **error)
{
    int fd = memfd_create(name, MFD_CLOEXEC | huge_flags(huge) | (seal ? MFD_ALLOW_SEALING : 0));

    if (fd < 0 && huge > USUAL && (errno == ENODEV || errno == EINVAL)) {
        vt_error_set(error, "hugetlbsize: the host does not support pages of %" G_GUINT64_FORMAT " bytes", huge);
        return -1;
    }
    if (fd < 0) {
        vt_error_set(error, "a memfd cannot be created: %s", g_strerror(errno));
        return -1;
    }
    if (huge && !check_huge_size(fd, size, error)) {
        close(fd);
        return -1;
    }
    if (ftruncate(fd, (off_t)size)) {
        vt_error_set(error, "size: a file of %" G_GUINT64_FORMAT " bytes cannot be created: %s", size,
                     g_strerror(errno));
        close(fd);
        return -1;
    }
    if (seal && fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)) {
        vt_error_set(error, "seal: %s", g_strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtMemoryBackendMemfd *config = vt_object_config(object);

    if (config->hugetlb && config->hugetlbsize && !is_power_of_two(config->hugetlbsize)) {
        return vt_error_set(error, "hugetlbsize: %" G_GUINT64_FORMAT " is not a power of two", config->hugetlbsize);
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    const VtMemoryBackendMemfd *config = vt_object_config(object);
    uint64_t huge = config->hugetlb ? MAX(config->hugetlbsize, USUAL) : 0;
    VtMemorySource source = {
        .fd = vt_memory_create_fd("memory-backend-memfd", config->parent.size, huge, config->seal, error),
    };

    return source.fd >= 0 && vt_memory_map(object, &source, error);
}

const VtOps vt_ops_memory_backend_memfd = {.validate = validate, .realize = realize};
