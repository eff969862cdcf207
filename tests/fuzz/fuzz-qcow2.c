/* SPDX-License-Identifier: MIT */
/*
 * An image of the format qcow2: it is opened, read, written, and closed.
 */
#include "fuzz.h"

#include <string.h>

#include "lib/fuzz-host.h"
#include "lib/fuzz-vm.h"
#include "vt-backends/block.h"
#include "vt-gen/program-vintage-backends.h"
#include "vt-runtime/vm.h"

#define SIZE 3000

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_host_enter();
    return 0;
}

static const char *const words[] = {"-blockdev", "null-co,node-name=below,size=65536,read-zeroes=on", NULL};
static const char node[] =
    "{\"driver\":\"qcow2\",\"node-name\":\"n\",\"backing\":\"below\",\"discard\":\"unmap\",\"file\":"
    "{\"driver\":\"file\",\"filename\":\"disk\",\"discard\":\"unmap\"}}";

static void
on_done(void *opaque, int result)
{
    (void)result;
    (*(int *)opaque)--;
}

static void
use(VtBlock *block)
{
    static char data[SIZE];
    int64_t length = vt_block_length(block);
    int left = 6;

    vt_block_read(block, 0, data, SIZE, on_done, &left);
    vt_block_read(block, length - SIZE, data, SIZE, on_done, &left);
    while (left > 4) {
        g_main_context_iteration(NULL, TRUE);
    }
    vt_block_write(block, 512, data, SIZE, VT_BLOCK_FUA, on_done, &left);
    vt_block_write_zeroes(block, 4096, 4096, VT_BLOCK_MAY_UNMAP, on_done, &left);
    vt_block_discard(block, 16384, 8192, on_done, &left);
    vt_block_write(block, length / 2, data, SIZE, 0, on_done, &left);
    while (left) {
        g_main_context_iteration(NULL, TRUE);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const VtBlockUser user = {.title = "fuzzer"};
    FuzzVm vm;
    VtObject *object = NULL;
    VtBlock *block;
    g_autoptr(GError) error = NULL;

    fuzz_host_reset();
    fuzz_host_write("disk", bytes, len);
    fuzz_vm_init(&vm, &vt_program_vintage_backends, words);
    fuzz_vm_start(&vm);
    if (vt_vm_create(vm.vm, vt_schema_class(fuzz_schema(&vt_program_vintage_backends), "blockdev"),
                     vt_input_new_json(node, strlen(node), "NODE"), false, &object, &error)) {
        block = vt_block_open(object, &user, &error);
        g_assert_no_error(error);
        use(block);
        vt_block_close(block);
    } else {
        fuzz_check_error(error);
    }
    fuzz_vm_clear(&vm);
    fuzz_host_check();
    return 0;
}
