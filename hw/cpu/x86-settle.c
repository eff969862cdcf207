/* SPDX-License-Identifier: MIT */
/*
 * Settled values of x86 CPUs.
 *
 * TCG clears features that it does not emulate, also those that a user sets; model 'max' has all that it emulates.  KVM
 * offers what the host offers, which planning does not look at: all configured features stay.
 */
#include "x86.h"

#include <string.h>

#include "vt-gen/hw.h"
#include "vt-runtime/names.h"
#include "vt-runtime/vm.h"

#define AUTOMATIC UINT32_MAX /* of CPUID levels */
#define RANGE     0xF0000000
#define EXTENDED  0x80000000
#define CENTAUR   0xC0000000
#define PHYS_BITS 40

typedef struct Word {
    uint32_t eax;
    int ecx;
    const char *cpuid_register;
    uint32_t bits;
} Word;

/* What TCG emulates, as QEMU 7.2 reports it for 'max'. */
static const Word emulated[] = {
    {1, -1, "EDX", 0x0FCBFBFD},          {1, -1, "ECX", 0xF6D8320B},    {6, -1, "EAX", 0x4},
    {7, 0, "EBX", 0x01D843A9},           {7, 0, "ECX", 0x8001020C},     {13, 1, "EAX", 0x5},
    {0x80000001, -1, "EDX", 0xEDD3FBFD}, {0x80000001, -1, "ECX", 0x75}, {0x8000000A, -1, "EDX", 0x10010001},
};
#define LONG_MODE 0x20000800 /* in 0x80000001 EDX: 64-bit mode and SYSCALL, which 32-bit targets lack */

/* Members whose CPUID leaf counts for the automatic levels only with full-cpuid-auto-level. */
static bool
always_counts(const X86Word *word)
{
    return word->eax == 7 && word->ecx == 0 && strcmp(word->cpuid_register, "EBX") == 0;
}

static uint32_t
emulated_bits(const X86Word *word, uint16_t target)
{
    for (size_t i = 0; i < G_N_ELEMENTS(emulated); i++) {
        const Word *each = &emulated[i];

        if (each->eax == word->eax && each->ecx == word->ecx &&
            strcmp(each->cpuid_register, word->cpuid_register) == 0) {
            bool narrow = target == VT_TARGET_I386 && word->eax == 0x80000001 && word->cpuid_register[1] == 'D';

            return each->bits & ~(narrow ? LONG_MODE : 0);
        }
    }
    return 0;
}

/* Adds @name if the model of @image has the feature. */
static void
add_default(const VtImage *image, const VtClassInfo *model, const char *name, GArray *names)
{
    const VtProp *prop = vt_class_prop(model, name, strlen(name));

    if (prop && *(const bool *)((const char *)image->data + prop->offset)) {
        vt_names_add(names, name);
    }
}

GArray *
x86_not_emulated(VtContext *ctx, const VtClassInfo *model)
{
    const VtImage *image = vt_context_image(ctx, model);
    GArray *names = vt_names_new();

    for (size_t i = x86_n_words; i-- > 0;) {
        uint32_t bits = emulated_bits(&x86_words[i], vt_context_target(ctx));

        for (unsigned bit = 0; bit < G_N_ELEMENTS(x86_words[i].bits); bit++) {
            if (x86_words[i].bits[bit] && !(bits >> bit & 1)) {
                add_default(image, model, x86_words[i].bits[bit], names);
            }
        }
    }
    for (const char *const *name = x86_msr_features; *name; name++) {
        add_default(image, model, *name, names);
    }
    return names;
}

/* ---- members ------------------------------------------------------------------------------------------- */

static const VtProp *
member(const VtObject *cpu, const char *name)
{
    return vt_class_prop(vt_object_class(cpu), name, strlen(name));
}

static uint64_t
get(const VtObject *cpu, const char *name)
{
    const VtProp *prop = member(cpu, name);
    const VtConfig *config = vt_object_full_config(cpu);

    return prop ? vt_field_get_uint(vt_context_schema(vt_vm_context(vt_object_vm(cpu))), prop->layer, prop->row,
                                    vt_config_field(config, prop))
                : 0;
}

/* ---- features ------------------------------------------------------------------------------------------ */

static void
settle_word(VtObject *cpu, const X86Word *word, bool all)
{
    uint32_t bits = emulated_bits(word, vt_context_target(vt_vm_context(vt_object_vm(cpu))));

    for (unsigned bit = 0; bit < G_N_ELEMENTS(word->bits); bit++) {
        const char *name = word->bits[bit];
        bool has = name && get(cpu, name), emulates = bits >> bit & 1;

        if (name && has && !emulates) {
            vt_object_force_uint(cpu, name, false);
        } else if (name && !has && emulates && all) {
            vt_object_settle_uint(cpu, name, true);
        }
    }
}

/* Clears members whose name starts with @prefix, which need the feature @needed. */
static void
clear_dependents(VtObject *cpu, const char *needed, const char *prefix)
{
    const VtClassInfo *info = vt_object_class(cpu);

    for (size_t i = 0; !get(cpu, needed) && i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];

        if (prop->row->kind == VT_KIND_BOOL && g_str_has_prefix(prop->name, prefix) && get(cpu, prop->name)) {
            vt_object_force_uint(cpu, prop->name, false);
        }
    }
}

/* Clears the members of a word, which need the feature @needed. */
static void
clear_word(VtObject *cpu, const char *needed, uint32_t eax)
{
    for (size_t i = 0; !get(cpu, needed) && i < x86_n_words; i++) {
        const X86Word *word = &x86_words[i];

        for (unsigned bit = 0; word->eax == eax && bit < G_N_ELEMENTS(word->bits); bit++) {
            if (word->bits[bit] && get(cpu, word->bits[bit])) {
                vt_object_force_uint(cpu, word->bits[bit], false);
            }
        }
    }
}

/* ---- levels -------------------------------------------------------------------------------------------- */

static bool
has_feature(const VtObject *cpu, const X86Word *word)
{
    for (unsigned bit = 0; bit < G_N_ELEMENTS(word->bits); bit++) {
        if (word->bits[bit] && get(cpu, word->bits[bit])) {
            return true;
        }
    }
    return false;
}

static void
raise_to(VtObject *cpu, const char *name, uint32_t value)
{
    if (get(cpu, name) < value) {
        vt_object_settle_uint(cpu, name, value);
    }
}

static void
settle_levels(VtObject *cpu)
{
    static const struct {
        const char *level, *least;
    } levels[] = {{"level", "min-level"}, {"xlevel", "min-xlevel"}, {"xlevel2", "min-xlevel2"}};
    bool full = get(cpu, "full-cpuid-auto-level");
    uint32_t function7 = 0;

    for (size_t i = 0; i < x86_n_words; i++) {
        const X86Word *word = &x86_words[i];
        uint32_t range = word->eax & RANGE;

        if ((!full && !always_counts(word)) || !has_feature(cpu, word)) {
            continue;
        }
        if (range == 0) {
            raise_to(cpu, "min-level", word->eax);
            function7 = word->eax == 7 ? MAX(function7, (uint32_t)word->ecx) : function7;
        } else if (range == EXTENDED) {
            raise_to(cpu, "min-xlevel", word->eax);
        } else if (range == CENTAUR) {
            raise_to(cpu, "min-xlevel2", word->eax);
        }
    }
    if (full && get(cpu, "svm")) {
        raise_to(cpu, "min-xlevel", 0x8000000A);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (get(cpu, levels[i].level) == AUTOMATIC) {
            vt_object_settle_uint(cpu, levels[i].level, get(cpu, levels[i].least));
        }
    }
    if (get(cpu, "level-func7") == AUTOMATIC) {
        vt_object_settle_uint(cpu, "level-func7", function7);
    }
}

/* ---- the rest ------------------------------------------------------------------------------------------ */

static void
settle_address_bits(VtObject *cpu)
{
    if (!get(cpu, "phys-bits") && !get(cpu, "host-phys-bits")) {
        vt_object_settle_uint(cpu, "phys-bits", get(cpu, "lm") ? PHYS_BITS : get(cpu, "pse36") ? 36 : 32);
    }
}

static void
settle_microcode(VtObject *cpu)
{
    const VtProp *prop = member(cpu, "vendor");
    const char *vendor = *(char *const *)vt_config_field(vt_object_full_config(cpu), prop);

    if (!get(cpu, "ucode-rev")) {
        vt_object_settle_uint(cpu, "ucode-rev",
                              g_strcmp0(vendor, "AuthenticAMD") == 0 ? 0x01000065 : UINT64_C(0x100000000));
    }
}

static void
settle(VtObject *cpu, bool tcg)
{
    bool all = vt_object_is_a(cpu, "max-x86_64-cpu");

    for (size_t i = 0; tcg && i < x86_n_words; i++) {
        settle_word(cpu, &x86_words[i], all);
    }
    clear_dependents(cpu, "vmx", "vmx-");
    clear_word(cpu, "svm", 0x8000000A);
    /* The host decides these for its own model. */
    if (tcg || !all) {
        settle_levels(cpu);
        settle_microcode(cpu);
        settle_address_bits(cpu);
    }
    x86_settle_topology(cpu, (uint32_t)get(cpu, "apic-id"));
}

void
x86_settle(VtObject *cpu)
{
    const char *accel = vt_context_accel(vt_vm_context(vt_object_vm(cpu)));

    settle(cpu, !accel || strcmp(accel, "tcg") == 0);
}

void
x86_settle_emulated(VtObject *cpu)
{
    settle(cpu, true);
}
