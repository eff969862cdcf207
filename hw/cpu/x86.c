/* SPDX-License-Identifier: MIT */
/*
 * x86 CPUs: the CPUID bit of each feature.  This process configures CPUs but does not run them.
 */
#include "x86.h"

#include "vt-gen/hw.h"
#include "vt-runtime/object.h"

#include <string.h>

/* In the order of earlier versions, which clients may rely on. */
const X86Word x86_words[] = {
    {13, 1, "EDX", {NULL}},
    {13, 1, "ECX", {NULL}},
    {18,
     1,
     "EAX",
     {[1] = "sgx-debug", [2] = "sgx-mode64", [4] = "sgx-provisionkey", [5] = "sgx-tokenkey", [7] = "sgx-kss"}},
    {18, 0, "EBX", {[0] = "sgx-exinfo"}},
    {18, 0, "EAX", {[0] = "sgx1", [1] = "sgx2"}},
    {20, 0, "ECX", {[31] = "intel-pt-lip"}},
    {13, 0, "EDX", {NULL}},
    {13, 0, "EAX", {NULL}},
    {6, -1, "EAX", {[2] = "arat"}},
    {13, 1, "EAX", {[0] = "xsaveopt", [1] = "xsavec", [2] = "xgetbv1", [3] = "xsaves", [4] = "xfd"}},
    {0x8000000a,
     -1,
     "EDX",
     {[0] = "npt",
      [1] = "lbrv",
      [2] = "svm-lock",
      [3] = "nrip-save",
      [4] = "tsc-scale",
      [5] = "vmcb-clean",
      [6] = "flushbyasid",
      [7] = "decodeassists",
      [10] = "pause-filter",
      [12] = "pfthreshold",
      [13] = "avic",
      [15] = "v-vmsave-vmload",
      [16] = "vgif",
      [28] = "svme-addr-chk"}},
    {0x40000001, -1, "EDX", {[0] = "kvm-hint-dedicated"}},
    {0x40000001,
     -1,
     "EAX",
     {[0] = "kvmclock",
      [1] = "kvm-nopiodelay",
      [2] = "kvm-mmu",
      [3] = "kvmclock",
      [4] = "kvm-asyncpf",
      [5] = "kvm-steal-time",
      [6] = "kvm-pv-eoi",
      [7] = "kvm-pv-unhalt",
      [9] = "kvm-pv-tlb-flush",
      [11] = "kvm-pv-ipi",
      [12] = "kvm-poll-control",
      [13] = "kvm-pv-sched-yield",
      [14] = "kvm-asyncpf-int",
      [15] = "kvm-msi-ext-dest-id",
      [24] = "kvmclock-stable-bit"}},
    {0xc0000001,
     -1,
     "EDX",
     {[2] = "xstore",
      [3] = "xstore-en",
      [6] = "xcrypt",
      [7] = "xcrypt-en",
      [8] = "ace2",
      [9] = "ace2-en",
      [10] = "phe",
      [11] = "phe-en",
      [12] = "pmm",
      [13] = "pmm-en"}},
    {0x80000008,
     -1,
     "EBX",
     {[0] = "clzero",
      [2] = "xsaveerptr",
      [9] = "wbnoinvd",
      [12] = "ibpb",
      [14] = "ibrs",
      [15] = "amd-stibp",
      [24] = "amd-ssbd",
      [25] = "virt-ssbd",
      [26] = "amd-no-ssb"}},
    {0x80000007, -1, "EDX", {[8] = "invtsc"}},
    {0x80000001,
     -1,
     "ECX",
     {[0] = "lahf-lm",       [1] = "cmp-legacy", [2] = "svm",         [3] = "extapic",       [4] = "cr8legacy",
      [5] = "abm",           [6] = "sse4a",      [7] = "misalignsse", [8] = "3dnowprefetch", [9] = "osvw",
      [10] = "ibs",          [11] = "xop",       [12] = "skinit",     [13] = "wdt",          [15] = "lwp",
      [16] = "fma4",         [17] = "tce",       [19] = "nodeid-msr", [21] = "tbm",          [22] = "topoext",
      [23] = "perfctr-core", [24] = "perfctr-nb"}},
    {0x80000001,
     -1,
     "EDX",
     {[11] = "syscall",
      [20] = "nx",
      [22] = "mmxext",
      [25] = "fxsr-opt",
      [26] = "pdpe1gb",
      [27] = "rdtscp",
      [29] = "lm",
      [30] = "3dnowext",
      [31] = "3dnow"}},
    {7, 1, "EAX", {[4] = "avx-vnni", [5] = "avx512-bf16"}},
    {7,
     0,
     "EDX",
     {[2] = "avx512-4vnniw",
      [3] = "avx512-4fmaps",
      [4] = "fsrm",
      [8] = "avx512-vp2intersect",
      [10] = "md-clear",
      [14] = "serialize",
      [16] = "tsx-ldtrk",
      [19] = "arch-lbr",
      [22] = "amx-bf16",
      [23] = "avx512-fp16",
      [24] = "amx-tile",
      [25] = "amx-int8",
      [26] = "spec-ctrl",
      [27] = "stibp",
      [29] = "arch-capabilities",
      [30] = "core-capability",
      [31] = "ssbd"}},
    {7,
     0,
     "ECX",
     {[1] = "avx512vbmi",
      [2] = "umip",
      [3] = "pku",
      [5] = "waitpkg",
      [6] = "avx512vbmi2",
      [8] = "gfni",
      [9] = "vaes",
      [10] = "vpclmulqdq",
      [11] = "avx512vnni",
      [12] = "avx512bitalg",
      [14] = "avx512-vpopcntdq",
      [16] = "la57",
      [22] = "rdpid",
      [24] = "bus-lock-detect",
      [25] = "cldemote",
      [27] = "movdiri",
      [28] = "movdir64b",
      [30] = "sgxlc",
      [31] = "pks"}},
    {7, 0, "EBX", {[0] = "fsgsbase", [1] = "tsc-adjust", [2] = "sgx",         [3] = "bmi1",      [4] = "hle",
                   [5] = "avx2",     [7] = "smep",       [8] = "bmi2",        [9] = "erms",      [10] = "invpcid",
                   [11] = "rtm",     [14] = "mpx",       [16] = "avx512f",    [17] = "avx512dq", [18] = "rdseed",
                   [19] = "adx",     [20] = "smap",      [21] = "avx512ifma", [22] = "pcommit",  [23] = "clflushopt",
                   [24] = "clwb",    [25] = "intel-pt",  [26] = "avx512pf",   [27] = "avx512er", [28] = "avx512cd",
                   [29] = "sha-ni",  [30] = "avx512bw",  [31] = "avx512vl"}},
    {1,
     -1,
     "ECX",
     {[0] = "pni",     [1] = "pclmulqdq", [2] = "dtes64", [3] = "monitor", [4] = "ds-cpl",        [5] = "vmx",
      [6] = "smx",     [7] = "est",       [8] = "tm2",    [9] = "ssse3",   [10] = "cid",          [12] = "fma",
      [13] = "cx16",   [14] = "xtpr",     [15] = "pdcm",  [17] = "pcid",   [18] = "dca",          [19] = "sse4.1",
      [20] = "sse4.2", [21] = "x2apic",   [22] = "movbe", [23] = "popcnt", [24] = "tsc-deadline", [25] = "aes",
      [26] = "xsave",  [28] = "avx",      [29] = "f16c",  [30] = "rdrand", [31] = "hypervisor"}},
    {1, -1, "EDX", {[0] = "fpu",      [1] = "vme",  [2] = "de",    [3] = "pse",  [4] = "tsc",    [5] = "msr",
                    [6] = "pae",      [7] = "mce",  [8] = "cx8",   [9] = "apic", [11] = "sep",   [12] = "mtrr",
                    [13] = "pge",     [14] = "mca", [15] = "cmov", [16] = "pat", [17] = "pse36", [18] = "pn",
                    [19] = "clflush", [21] = "ds",  [22] = "acpi", [23] = "mmx", [24] = "fxsr",  [25] = "sse",
                    [26] = "sse2",    [27] = "ss",  [28] = "ht",   [29] = "tm",  [30] = "ia64",  [31] = "pbe"}},
};

const size_t x86_n_words = G_N_ELEMENTS(x86_words);

const char *const x86_msr_features[] = {
    "rdctl-no",       "ibrs-all", "rsba",   "skip-l1dfl-vmentry", "ssb-no",           "mds-no",
    "pschange-mc-no", "tsx-ctrl", "taa-no", "split-lock-detect",  "full-width-write", NULL};

static bool
has(const VtConfig *config, const char *feature)
{
    const VtProp *prop = vt_class_prop(config->info, feature, strlen(feature));

    return prop && *(const bool *)vt_config_field(config, prop);
}

static void
append_word(GString *text, const VtConfig *config, const X86Word *word)
{
    uint32_t features = 0;

    for (unsigned bit = 0; bit < G_N_ELEMENTS(word->bits); bit++) {
        if (word->bits[bit] && has(config, word->bits[bit])) {
            features |= UINT32_C(1) << bit;
        }
    }
    g_string_append_printf(text, "%s{\"cpuid-input-eax\":%u,", text->len > 1 ? "," : "", word->eax);
    if (word->ecx >= 0) {
        g_string_append_printf(text, "\"cpuid-input-ecx\":%d,", word->ecx);
    }
    g_string_append_printf(text, "\"cpuid-register\":\"%s\",\"features\":%u}", word->cpuid_register, features);
}

/* Computes feature-words from the feature members. */
static void
fill_read_only(VtConfig *config)
{
    g_autoptr(GString) text = g_string_new("[");

    for (size_t i = 0; i < x86_n_words; i++) {
        append_word(text, config, &x86_words[i]);
    }
    g_string_append_c(text, ']');
    vt_config_set_read_only(config, "feature-words", text->str);
}

static bool
validate(VtObject *object, GError **error)
{
    VtConfig *config = vt_object_writable_full_config(object);

    if (!x86_check_plug(object, error)) {
        return false;
    }
    x86_settle(object);
    fill_read_only(config);
    return true;
}

const VtOps vt_ops_x86_64_cpu = {.fill_read_only = fill_read_only, .validate = validate};
