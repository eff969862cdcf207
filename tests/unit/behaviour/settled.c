/* SPDX-License-Identifier: MIT */
/* Settled values, as a running QEMU 7.2 shows them (-smp 4). */
#include "vm.h"

#define REST ",smp.cpus=4"
#define OBJECTS                                                                                                        \
    "blockdev null-co,node-name=d\nnetdev user,id=n\n"                                                                 \
    "device virtio-blk-pci,id=blk,drive=d\ndevice virtio-scsi-pci,id=scsi\n"                                           \
    "device virtio-net-pci,id=net,netdev=n\ndevice virtio-rng-pci,id=rng\ndevice VGA,id=vga"

static TestVm *
planned(const char *machine, const char *texts)
{
    g_autoptr(GError) error = NULL;
    TestVm *vm = test_vm_new(machine, &error);

    g_assert_no_error(error);
    test_vm_plan(vm, texts, &error);
    g_assert_no_error(error);
    return vm;
}

VT_TEST(queues_and_vectors_follow_the_processors, "/settled/new")
{
    g_autoptr(TestVm) vm = planned("pc-q35-7.2" REST, OBJECTS);

    test_vm_assert_value(vm, "device", "blk", "num-queues", "4");
    test_vm_assert_value(vm, "device", "blk", "vectors", "5");
    test_vm_assert_value(vm, "device", "blk", "logical_block_size", "512");
    test_vm_assert_value(vm, "device", "scsi", "num_queues", "4");
    test_vm_assert_value(vm, "device", "scsi", "vectors", "7");
    test_vm_assert_value(vm, "device", "net", "vectors", "4");
    test_vm_assert_value(vm, "device", "net", "mac", "52:54:00:12:34:56");
    test_vm_assert_value(vm, "device", "rng", "vectors", "2");
    test_vm_assert_value(vm, "device", "rng", "disable-legacy", "off");
    test_vm_assert_value(vm, "device", "vga", "xres", "1280");
}

VT_TEST(they_did_not_before, "/settled/old")
{
    g_autoptr(TestVm) vm = planned("pc-q35-4.0.1" REST, OBJECTS);

    test_vm_assert_value(vm, "device", "blk", "num-queues", "1");
    test_vm_assert_value(vm, "device", "blk", "vectors", "2");
    test_vm_assert_value(vm, "device", "scsi", "vectors", "4");
    test_vm_assert_value(vm, "device", "blk", "any_layout", "true");
    test_vm_assert_value(vm, "device", "net", "vectors", "3");
    test_vm_assert_value(vm, "device", "rng", "vectors", "0");
    test_vm_assert_value(vm, "device", "vga", "edid", "false");
    test_vm_assert_value(vm, "device", "vga", "xres", "0");
}

VT_TEST(addresses_are_the_lowest_free_ones, "/settled/addresses")
{
    g_autoptr(TestVm) vm = planned("pc-i440fx-7.2", "device virtio-rng-pci,id=a\ndevice virtio-rng-pci,id=b,addr=2\n"
                                                    "device virtio-rng-pci,id=c");

    test_vm_assert_value(vm, "device", "b", "addr", "16");
    test_vm_assert_value(vm, "device", "a", "addr", "24");
    test_vm_assert_value(vm, "device", "c", "addr", "32");
}

VT_TEST(behind_a_port_there_is_no_legacy, "/settled/port")
{
    g_autoptr(TestVm) vm = planned("pc-q35-7.2", "device pcie-root-port,id=rp\ndevice virtio-rng-pci,id=r,bus=rp");

    test_vm_assert_value(vm, "device", "r", "disable-legacy", "on");
    test_vm_assert_value(vm, "device", "r", "addr", "0");
}

VT_TEST(chosen_macs_count_up_and_avoid_given_ones, "/settled/mac")
{
    g_autoptr(TestVm) vm = planned("pc-q35-7.2", "device virtio-net-pci,id=a\ndevice virtio-net-pci,id=b\n"
                                                 "device virtio-net-pci,id=c,mac=52:54:00:12:34:57\n"
                                                 "device virtio-net-pci,id=d,mac=52:54:00:aa:bb:cc");

    test_vm_assert_value(vm, "device", "a", "mac", "52:54:00:12:34:56");
    test_vm_assert_value(vm, "device", "b", "mac", "52:54:00:12:34:58");
    test_vm_assert_value(vm, "device", "c", "mac", "52:54:00:12:34:57");
}

VT_TEST(a_small_machine_has_one_queue, "/settled/microvm")
{
    g_autoptr(TestVm) vm =
        planned("microvm" REST, "blockdev null-co,node-name=d\n"
                                "device virtio-blk-device,id=blk,drive=d\ndevice virtio-scsi-device,id=s");

    test_vm_assert_value(vm, "device", "blk", "num-queues", "1");
    test_vm_assert_value(vm, "device", "s", "num_queues", "1");
}

VT_TEST(a_legacy_disk_has_no_free_layout, "/settled/any-layout")
{
    g_autoptr(TestVm) vm = planned("pc-i440fx-2.6", OBJECTS);

    test_vm_assert_value(vm, "device", "blk", "any_layout", "false");
    test_vm_assert_value(vm, "device", "net", "any_layout", "true");
}

VT_TEST(vectors_follow_the_queues_of_the_backend, "/settled/tap")
{
    g_autoptr(TestVm) vm = planned("pc-q35-7.2", "netdev tap,id=a,queues=4\ndevice virtio-net-pci,id=four,netdev=a\n"
                                                 "netdev tap,id=b,fds=8:9:10\ndevice virtio-net-pci,id=three,netdev=b\n"
                                                 "netdev tap,id=c,fd=8\ndevice virtio-net-pci,id=one,netdev=c\n"
                                                 "netdev user,id=d\ndevice virtio-net-pci,id=user,netdev=d\n"
                                                 "device virtio-net-pci,id=none");

    test_vm_assert_value(vm, "device", "four", "vectors", "10");
    test_vm_assert_value(vm, "device", "three", "vectors", "8");
    test_vm_assert_value(vm, "device", "one", "vectors", "4");
    test_vm_assert_value(vm, "device", "user", "vectors", "4");
    test_vm_assert_value(vm, "device", "none", "vectors", "4");
}
