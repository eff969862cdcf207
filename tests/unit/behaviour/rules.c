/* SPDX-License-Identifier: MIT */
/* Configurations that QEMU 7.2 refuses or accepts; the messages are ours. */
#include "vm.h"

#define Q35  "pc-q35-7.2"
#define DISK "blockdev null-co,node-name=d\n"
#define PORT "device pcie-root-port,id=rp\n"
#define USER "netdev user,id=n\n"

typedef struct Rule {
    const char *texts;
    const char *message; /* NULL: accepted */
} Rule;

static void
judge(const char *machine, const Rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        test_vm_expect(machine, rules[i].texts, rules[i].message);
    }
}

VT_TEST(places_on_pci_are_taken_once, "/rules/pci")
{
    static const Rule rules[] = {
        {"device virtio-rng-pci,addr=4,id=r\n" DISK "device virtio-blk-pci,drive=d,addr=4",
         "PCI: slot 4 function 0 not available for virtio-"},
        {"device virtio-rng-pci,addr=1f", "in use by ICH9-LPC"},
        {"device virtio-rng-pci,addr=0", "in use by mch"},
        {"device virtio-rng-pci,addr=1f.1", NULL},
        {"device virtio-rng-pci,addr=4.0\ndevice virtio-rng-pci,addr=4.1", "multifunction=on"},
        {"device virtio-rng-pci,addr=4.0,multifunction=on\ndevice virtio-rng-pci,addr=4.1", NULL},
        {"device virtio-rng-pci,addr=20", "is not a PCI address"},
        {"device virtio-rng-pci,bus=nobus", "nobus"},
        {PORT "device virtio-rng-pci,bus=rp", NULL},
        {PORT "device virtio-rng-pci,bus=rp,addr=1", NULL},
        {PORT "device virtio-rng-pci,bus=rp\ndevice virtio-rng-pci,bus=rp", NULL},
        {PORT "device pcie-root-port,id=r2,bus=rp,chassis=2", NULL},
        {PORT "device pcie-root-port,id=r2", "chassis 0, slot 0 is in use by"},
        {PORT "device pcie-root-port,id=r2,slot=1", NULL},
    };

    judge(Q35, rules, G_N_ELEMENTS(rules));
}

VT_TEST(virtio_shows_an_interface, "/rules/virtio-pci")
{
    static const Rule rules[] = {
        {"device virtio-rng-pci,disable-modern=on,disable-legacy=on", "disable-modern and disable-legacy are both on"},
        {"device virtio-rng-pci,iommu_platform=on", "iommu_platform"},
        {"device virtio-rng-pci,iommu_platform=on,disable-legacy=on", NULL},
        {"device virtio-rng-pci-transitional,iommu_platform=on", "iommu_platform"},
        {"device virtio-rng-pci-non-transitional,iommu_platform=on", NULL},
        {PORT "device virtio-rng-pci,bus=rp,iommu_platform=on", NULL},
        {DISK "device virtio-blk-pci,drive=d,scsi=on", "scsi: not supported by virtio 1.0"},
        {DISK "device virtio-blk-pci,drive=d,scsi=on,disable-modern=on", NULL},
    };

    judge(Q35, rules, G_N_ELEMENTS(rules));
}

VT_TEST(disks_have_sizes_and_drives, "/rules/virtio-blk")
{
    static const Rule rules[] = {
        {"device virtio-blk-pci", "drive"},
        {DISK "device virtio-blk-pci,drive=d,num-queues=0", "num-queues"},
        {DISK "device virtio-blk-pci,drive=d,num-queues=1025", "num-queues: 1025 is not between 1 and 1024"},
        {DISK "device virtio-blk-pci,drive=d,queue-size=2", "queue-size"},
        {DISK "device virtio-blk-pci,drive=d,queue-size=5", "queue-size: 5 is not a power of two"},
        {DISK "device virtio-blk-pci,drive=d,queue-size=1024", NULL},
        {DISK "device virtio-blk-pci,drive=d,logical_block_size=513", "logical_block_size: 513"},
        {DISK "device virtio-blk-pci,drive=d,logical_block_size=4096", "exceeds physical_block_size"},
        {DISK "device virtio-blk-pci,drive=d,logical_block_size=4096,physical_block_size=4096", NULL},
        {DISK "device virtio-blk-pci,drive=d,discard_granularity=1000", "discard_granularity: 1000 is not a multiple"},
        {DISK "device virtio-blk-pci,drive=d,min_io_size=100", "min_io_size: 100 is not a multiple"},
        {DISK "device virtio-blk-pci,drive=d,id=a\ndevice virtio-blk-pci,drive=d,id=b",
         "already in use by virtio-blk-pci '"},
        {DISK "device virtio-blk-pci,drive=d,id=a,share-rw=on\ndevice virtio-blk-pci,drive=d,id=b,share-rw=on", NULL},
        {DISK "device virtio-blk-pci,drive=d,id=a,share-rw=on\ndevice virtio-blk-pci,drive=d,id=b", "already in use"},
        {"blockdev null-co,node-name=d,read-only=on\ndevice virtio-blk-pci,drive=d\ndevice virtio-blk-pci,drive=d",
         NULL},
        {DISK "blockdev raw,node-name=r,file=d\ndevice virtio-blk-pci,drive=d", NULL},
        {DISK "blockdev raw,node-name=r,file=d\ndevice virtio-blk-pci,drive=d\ndevice virtio-blk-pci,drive=r",
         "already in use"},
        {DISK "device virtio-blk-pci,drive=d,bootindex=1\ndevice virtio-net-pci,bootindex=1",
         "bootindex: '1' is in use by 'virtio-blk-pci'"},
        {DISK "device virtio-blk-pci,drive=d,bootindex=1\ndevice virtio-net-pci,bootindex=2", NULL},
    };

    judge(Q35, rules, G_N_ELEMENTS(rules));
}

VT_TEST(other_devices_keep_their_rules, "/rules/devices")
{
    static const Rule rules[] = {
        {"device virtio-scsi-pci,num_queues=0", "num_queues"},
        {"device virtio-scsi-pci,num_queues=1022", NULL},
        {"device virtio-scsi-pci,num_queues=1023", "num_queues: 1023 is not between 1 and 1022"},
        {USER "device virtio-net-pci,netdev=n,rx_queue_size=300", "rx_queue_size: 300 is not a power of two"},
        {USER "device virtio-net-pci,netdev=n,tx_queue_size=512", NULL},
        {USER "device virtio-net-pci,netdev=n,duplex=x", "duplex: expected 'half' or 'full', got 'x'"},
        {USER "device virtio-net-pci,netdev=n,id=a\ndevice virtio-net-pci,netdev=n,id=b", "n"},
        {"device virtio-balloon-pci,id=b\ndevice virtio-balloon-pci",
         "at most one such device is possible, and 'b' is"},
        {"device vmgenid\ndevice vmgenid", "at most one such device is possible, and 'vmgenid' is one"},
        {"device intel-iommu\ndevice amd-iommu", "at most one such device is possible, and 'intel-iommu' is one"},
        {"device intel-iommu", NULL},
        {USER "device e1000,netdev=n,bootindex=1\ndevice virtio-net-pci,bootindex=1",
         "bootindex: '1' is in use by 'e1000'"},
        {"device virtio-net-pci,bootindex=-1\ndevice virtio-net-pci,bootindex=-1", NULL},
        {"device virtio-rng-pci,period=0", "period"},
        {"device virtio-rng-pci,rng=nope", "nope"},
        {"device VGA,vgamem_mb=7", NULL},
        {"device VGA,vgamem_mb=64", NULL},
    };

    judge(Q35, rules, G_N_ELEMENTS(rules));
}

VT_TEST(backends_keep_their_rules, "/rules/backends")
{
    static const Rule rules[] = {
        {"object rng-random,id=r,filename=", "filename"},
        {"object rng-random,id=r", NULL},
        {"object throttle-group,id=t,x-iops-total=100,x-iops-read=1", "x-iops-total and x-iops-read"},
        {"object throttle-group,id=t,limits.iops-total=100,limits.iops-total-max=10", "limits.iops-total-max: 10"},
        {"object throttle-group,id=t,limits.iops-total=100,x-iops-read=5", "iops-total and "},
        {"object throttle-group,id=t,limits.iops-total=100,x-iops-total=5", "have different values"},
        {"object throttle-group,id=t,limits.iops-total=100,limits.iops-size=4096", NULL},
        {"object secret,id=s", "one of data and file"},
        {"object secret,id=s,data=a,file=b", "are mutually exclusive"},
        {"object secret,id=k,data=a\nobject secret,id=s,data=a,keyid=k", "iv: required with keyid"},
        {"object secret,id=s,data=@@,format=base64", "data: expected base64"},
        {"object secret,id=s,data=YQ==,format=base64", NULL},
        {"object secret,id=k,data=a\nobject secret,id=s,data=a,keyid=k,iv=YQ==", "iv: has 1 bytes"},
        {"object memory-backend-ram,id=m", "size"},
        {"object memory-backend-ram,id=m,size=1M,policy=bind", "policy: requires host-nodes"},
        {"object memory-backend-ram,id=m,size=1M,host-nodes.0=0", "policy 'default'"},
        {"object memory-backend-ram,id=m,size=1M,host-nodes.0=0,policy=bind", NULL},
        {"object memory-backend-ram,id=m,size=1M,host-nodes.0=500,policy=bind", "host-nodes: 500"},
        {"object memory-backend-ram,id=m,size=1M,prealloc=on,reserve=off", "prealloc: 'on' requires reserve=on"},
        {"object sev-guest,id=s,cbitpos=47,reduced-phys-bits=1", NULL},
        {"object sev-guest,id=s,cbitpos=64,reduced-phys-bits=1", "cbitpos: 64"},
        {"object sev-guest,id=s,cbitpos=47,reduced-phys-bits=0", "reduced-phys-bits: 0"},
        {DISK "blockdev raw,node-name=r,file=d,size=100", "size: 100 is not a multiple of 512"},
        {"blockdev file,node-name=f,filename=", "filename: expected a path, got ''"},
        {"blockdev file,node-name=f,filename=x,aio=native", "requires cache.direct=on"},
    };

    judge(Q35, rules, G_N_ELEMENTS(rules));
}

VT_TEST(the_user_network_is_consistent, "/rules/netdev-user")
{
    static const Rule rules[] = {
        {"netdev user,id=n", NULL},
        {"netdev user,id=n,ipv4=off,ipv6=off", "both off"},
        {"netdev user,id=n,ipv4=on,ipv6-host=fec0::9", "ipv6 is off"},
        {"netdev user,id=n,ipv6=on", NULL},
        {"netdev user,id=n,ipv6=on,net=10.0.0.0/24", "ipv4 is off"},
        {"netdev user,id=n,net=10.0.0.0/24,host=10.1.0.1", "host: the address is not in the network"},
        {"netdev user,id=n,net=zz", "net: 'zz'"},
        {"netdev user,id=n,dns=10.0.2.2", "dns: the host has the same address"},
        {"netdev user,id=n,dns=1.2.3.4", NULL},
        {"netdev user,id=n,dns=1.2.3.4,restrict=on", "dns: the address is not in the network"},
        {"netdev user,id=n,hostfwd.0.str=tcp::2222-:22", NULL},
        {"netdev user,id=n,hostfwd.0.str=tcp::2222-:0",
         "hostfwd[0].str: 'tcp::2222-:0': guest-port: 0 is below the minimum 1"},
        {"netdev user,id=n,hostfwd=tcp::2222-:22,hostfwd=tcp::2223-:23,dnssearch=example", NULL},
        {"netdev user,id=n,hostfwd=tcp::2222-:22,hostfwd=tcp::2223-:0",
         "hostfwd[1].str: 'tcp::2223-:0': guest-port: 0 is below the minimum 1"},
        {"netdev user,id=n,hostfwd=udp:127.0.0.1:5000-10.0.2.15:53,hostfwd=::0-:80", NULL},
        {"netdev user,id=n,hostfwd=tcp:1", "expected tcp:[HOST]:HOST-PORT-[GUEST]:GUEST-PORT, got 'tcp:1'"},
        {"netdev user,id=n,hostfwd=tpc::1-:2", "expected tcp:…, udp:… or :…, got 'tpc::1-:2'; did you mean 'tcp'?"},
        {"netdev user,id=n,hostfwd=tcp::70000-:2", "host-port: 70000 exceeds the maximum 65535"},
        {"netdev user,id=n,hostfwd=tcp:x:1-:2", "host: expected an IPv4 address (such as 10.0.2.15), got 'x'"},
        {"netdev user,id=n,hostfwd=udp::1-10.0.2.999:1", "guest: expected an IPv4 address"},
        {"netdev user,id=n,hostfwd=tcp::1-:2x", "guest-port: expected an integer, got '2x'"},
        {"netdev user,id=n,hostfwd=tcp::-:2", "expected tcp:[HOST]:HOST-PORT-[GUEST]:GUEST-PORT"},
        {"netdev user,id=n,hostfwd=", "expected tcp:…, udp:… or :…, got ''"},
        {"netdev user,id=n,guestfwd=tcp:10.0.2.100:80-cmd:/bin/cat", NULL},
        {"netdev user,id=n,guestfwd=:10.0.2.100:80-tcp:[::1]:80", NULL},
        {"netdev user,id=n,guestfwd=zz", "expected tcp:… or :…, got 'zz'"},
        {"netdev user,id=n,guestfwd=tcp:10.0.2.100:80-", "tcp:SERVER:PORT-unix:PATH, got 'tcp:10.0.2.100:80-'"},
        {"netdev user,id=n,guestfwd=tcp:10.0.3.9:80-cmd:x", "the server is not in the network"},
        {"netdev user,id=n,addr=x", "unknown member 'addr'"},
        {"netdev user,id=n,domainname=", "domainname: expected a name, got ''"},
        {"netdev user,id=n,ipv6-prefix=1.2.3.4", "ipv6-prefix"},
        {"netdev user,id=n,ip=10.9.0.0,host=10.9.0.7", NULL},
    };

    judge(Q35, rules, G_N_ELEMENTS(rules));
}

VT_TEST(machines_bound_cpus_and_memory, "/rules/machine")
{
    test_vm_expect("pc-q35-7.2,smp.cpus=288", NULL, NULL);
    test_vm_expect("pc-q35-7.2,smp.cpus=289", NULL, "289 CPUs exceed the maximum 288");
    test_vm_expect("pc-q35-2.7,smp.cpus=256", NULL, "exceed the maximum 255");
    test_vm_expect("pc-i440fx-7.2,smp.cpus=256", NULL, "exceed the maximum 255");
    test_vm_expect("pc-q35-7.2,smp.cpus=4,smp.sockets=2,smp.cores=3", NULL, "product of the hierarchy");
    test_vm_expect("pc-q35-7.2,smp.cpus=4,smp.maxcpus=2", NULL, "maxcpus must be at least cpus");
    test_vm_expect("pc-q35-7.2,smp.cpus=0", NULL, "smp.cpus: 0 is below the minimum 1");
    test_vm_expect("pc-q35-7.2,smp.cpus=2,smp.clusters=2", NULL, "clusters: 2 is not supported");
    test_vm_expect("pc-q35-7.2,smp.cpus=2,smp.dies=2", NULL, NULL);
    test_vm_expect("none,smp.cpus=2", NULL, "exceed the maximum 1");
    test_vm_expect("none", NULL, NULL);
    test_vm_expect("microvm,smp.cpus=4", NULL, NULL);
    test_vm_expect("pc-q35-7.2,memory.size=4294967296,memory.max-size=2147483648", NULL, "max-size");
    test_vm_expect("pc-q35-7.2,memory.size=1073741824,memory.slots=2", NULL, "slots: requires a max-size");
    test_vm_expect("pc-q35-7.2,memory.size=1073741824,memory.max-size=2147483648,memory.slots=257", NULL,
                   "257 exceeds the maximum 256");
}
