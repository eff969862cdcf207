/* SPDX-License-Identifier: MIT */
/*
 * Probe files of 'vintage platform', which replace the probes of the host.
 */
#include "fuzz.h"

#include "lib/fuzz-host.h"
#include "lib/fuzz-vm.h"
#include "vt-gen/program-vintage-vm.h"

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_host_enter();
    return 0;
}

/* A second read of the file must give the same results. */
static void
compare(const VtSchema *schema, VtPlatform *platform)
{
    g_autoptr(VtPlatform) again = vt_platform_new(schema, 0, "probe.json", NULL);

    g_assert_nonnull(again);
    for (uint16_t i = 1; i < vt_schema_lowest(schema)->n_features; i++) {
        const char *detail, *same;

        g_assert_cmpint(vt_platform_ask(platform, i, &detail), ==, vt_platform_ask(again, i, &same));
        g_assert_cmpstr(detail, ==, same);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const VtSchema *schema = fuzz_schema(&vt_program_vintage_vm);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtPlatform) platform = NULL;

    fuzz_host_write("probe.json", bytes, len);
    platform = vt_platform_new(schema, 0, "probe.json", &error);
    if (platform) {
        g_assert_no_error(error);
        compare(schema, platform);
    } else {
        fuzz_check_error(error);
    }
    fuzz_host_check();
    return 0;
}
