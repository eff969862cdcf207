/* SPDX-License-Identifier: MIT */
#include "../../../hw/pci/slots.h"

#include "vt-test.h"

static void
reads(const char *text, int64_t expected)
{
    g_autoptr(GError) error = NULL;
    int64_t value = -2;

    if (expected < 0) {
        g_assert_false(vt_codec_pci_devfn.parse(text, &value, &error));
        g_assert_nonnull(error);
        g_assert_cmpint(value, ==, -2);
    } else {
        g_assert_true(vt_codec_pci_devfn.parse(text, &value, &error));
        g_assert_cmpint(value, ==, expected);
    }
}

VT_TEST(an_address_is_a_slot_and_maybe_a_function, "/pci/devfn/forms")
{
    reads("06", 48);
    reads("6", 48);
    reads("06.0", 48);
    reads("0x6.0x1", 49);
    reads("0x1f", 248);
    reads("1F.7", 255);
    reads("0", 0);
}

VT_TEST(anything_else_is_no_address, "/pci/devfn/refused")
{
    static const char *const bad[] = {"",      "20",  "6.8", "4.", ".1", "-1",    "zz",
                                      "6.0.0", "256", "0x",  " 4", "4 ", "000001"};

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        reads(bad[i], -1);
    }
}

VT_TEST(an_address_is_shown_as_it_is_read, "/pci/devfn/shown")
{
    for (int devfn = 0; devfn < 256; devfn++) {
        g_autofree char *text = vt_codec_pci_devfn.format(devfn);

        reads(text, devfn);
    }
}

static const char *const q35_reserved[] = {"00.0",      "mch",  "1f.0",     "ICH9-LPC", "1f.2",
                                           "ich9-ahci", "1f.3", "ICH9-SMB", NULL};

static int
take(VtPciSlots *slots, int devfn, const char *type, bool multifunction, const char *message)
{
    const VtPciFunction function = {.type = type, .id = "n0", .multifunction = multifunction};
    g_autoptr(GError) error = NULL;
    int got = -2;

    if (vt_pci_slots_take(slots, devfn, &function, &got, &error)) {
        g_assert_null(message);
        g_assert_no_error(error);
    } else {
        g_assert_cmpstr(error->message, ==, message);
    }
    return got;
}

VT_TEST(the_lowest_free_slot_is_chosen, "/pci/slots/automatic")
{
    VtPciSlots slots;

    vt_pci_slots_init(&slots, 0, 31, q35_reserved);
    g_assert_cmpint(take(&slots, VT_PCI_DEVFN(2, 0), "b", false, NULL), ==, 16);
    g_assert_cmpint(take(&slots, VT_PCI_DEVFN(3, 1), "c", false, NULL), ==, 25);
    g_assert_cmpint(take(&slots, VT_PCI_AUTO, "a", false, NULL), ==, 8);
    g_assert_cmpint(take(&slots, VT_PCI_AUTO, "d", false, NULL), ==, 32);
    for (unsigned slot = 5; slot < 31; slot++) {
        g_assert_true(vt_pci_slots_have_room(&slots));
        g_assert_cmpint(take(&slots, VT_PCI_AUTO, "e", false, NULL), ==, VT_PCI_DEVFN(slot, 0));
    }
    g_assert_false(vt_pci_slots_have_room(&slots));
    take(&slots, VT_PCI_AUTO, "f", false, "PCI: no slot available for f, all are in use or reserved");
    vt_pci_slots_release(&slots, 16);
    g_assert_cmpint(take(&slots, VT_PCI_AUTO, "f", false, NULL), ==, 16);
}

VT_TEST(a_taken_place_names_who_has_it, "/pci/slots/conflict")
{
    VtPciSlots slots;

    vt_pci_slots_init(&slots, 0, 31, q35_reserved);
    take(&slots, VT_PCI_DEVFN(4, 0), "virtio-rng-pci", false, NULL);
    take(&slots, VT_PCI_DEVFN(4, 0), "virtio-blk-pci", false,
         "PCI: slot 4 function 0 not available for virtio-blk-pci, in use by virtio-rng-pci,id=n0");
    take(&slots, VT_PCI_DEVFN(31, 2), "VGA", false,
         "PCI: slot 31 function 2 not available for VGA, in use by ich9-ahci");
}

VT_TEST(functions_need_a_first_that_says_so, "/pci/slots/multifunction")
{
    VtPciSlots slots;

    vt_pci_slots_init(&slots, 0, 31, q35_reserved);
    take(&slots, VT_PCI_DEVFN(4, 0), "a", false, NULL);
    take(&slots, VT_PCI_DEVFN(4, 1), "b", false,
         "PCI: b cannot use function 4.1, because a in 4.0 does not have multifunction=on");
    take(&slots, VT_PCI_DEVFN(5, 1), "b", false, NULL);
    take(&slots, VT_PCI_DEVFN(5, 0), "a", false,
         "PCI: a in 5.0 does not have multifunction=on, but 5.1 is in use by b");
    take(&slots, VT_PCI_DEVFN(5, 0), "a", true, NULL);
    take(&slots, VT_PCI_DEVFN(0, 1), "a", false,
         "PCI: a cannot use function 0.1, because mch in 0.0 does not have multifunction=on");
    take(&slots, VT_PCI_DEVFN(31, 1), "a", false, NULL);
}

VT_TEST(a_port_has_one_slot, "/pci/slots/port")
{
    VtPciSlots slots;

    vt_pci_slots_init(&slots, 0, 0, NULL);
    take(&slots, VT_PCI_DEVFN(1, 0), "a", false, "PCI: slot 1 does not exist for a; the bus has slots 0 to 0");
    g_assert_cmpint(take(&slots, VT_PCI_AUTO, "a", false, NULL), ==, 0);
    g_assert_false(vt_pci_slots_have_room(&slots));
}
