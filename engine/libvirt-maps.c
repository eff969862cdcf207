/* SPDX-License-Identifier: MIT */
/*
 * Names of libvirt, and what QEMU calls them; and parts that several rules have.
 */
#include "libvirt.h"

const LibvirtMap engine_libvirt_maps[] = {
    {"switch", "yes", "on"},
    {"switch", "no", "off"},
    {"switch", "on", "on"},
    {"switch", "off", "off"},
    {"target", "i686", "i386"},
    {"target", "armv7l", "arm"},
    {"target", "ppc64le", "ppc64"},
    {"target", "x86_64", "x86_64"},
    {"target", "aarch64", "aarch64"},
    {"target", "s390x", "s390x"},
    {"target", "ppc64", "ppc64"},
    {"target", "riscv64", "riscv64"},
    {"boot", "fd", "a"},
    {"boot", "hd", "c"},
    {"boot", "cdrom", "d"},
    {"boot", "network", "n"},
    {"ram", "s390*", "s390.ram"},
    {"ram", "virt*", "mach-virt.ram"},
    {"ram", "pseries*", "ppc_spapr.ram"},
    {"ram", "*", "pc.ram"},
    {"rtc", "utc", "utc"},
    {"rtc", "localtime", "localtime"},

    /* Disks. */
    {"direct", "none", "on"},
    {"direct", "directsync", "on"},
    {"no-flush", "unsafe", "on"},
    {"write-cache", "writethrough", "off"},
    {"write-cache", "directsync", "off"},
    {"write-cache", "none", "on"},
    {"write-cache", "writeback", "on"},
    {"write-cache", "unsafe", "on"},
    {"werror", "stop", "stop"},
    {"werror", "report", "report"},
    {"werror", "ignore", "ignore"},
    {"werror", "enospace", "enospc"},
    {"rerror", "stop", "stop"},
    {"rerror", "report", "report"},
    {"rerror", "ignore", "ignore"},
    {"scsi", "cdrom", "cd"},
    {"scsi", "disk", "hd"},
    {"scsi", "*", "hd"},

    /* Network cards. */
    {"nic", "virtio", "virtio-net-"},
    {"nic", "e1000", "e1000"},
    {"nic", "e1000e", "e1000e"},
    {"nic", "rtl8139", "rtl8139"},
    {"nic", "ne2k_pci", "ne2k_pci"},
    {"nic", "pcnet", "pcnet"},
    {"nic", "vmxnet3", "vmxnet3"},
    {"nic", "igb", "igb"},

    /* Controllers. */
    {"usb", "piix3-uhci", "piix3-usb-uhci"},
    {"usb", "piix4-uhci", "piix4-usb-uhci"},
    {"usb", "ehci", "usb-ehci"},
    {"usb", "ich9-ehci1", "ich9-usb-ehci1"},
    {"usb", "ich9-uhci1", "ich9-usb-uhci1"},
    {"usb", "ich9-uhci2", "ich9-usb-uhci2"},
    {"usb", "ich9-uhci3", "ich9-usb-uhci3"},
    {"usb", "vt82c686b-uhci", "vt82c686b-usb-uhci"},
    {"usb", "pci-ohci", "pci-ohci"},
    {"usb", "nec-xhci", "nec-usb-xhci"},
    {"usb", "qemu-xhci", "qemu-xhci"},
    {"scsi-controller", "lsilogic", "lsi"},
    {"scsi-controller", "lsisas1068", "mptsas1068"},
    {"scsi-controller", "lsisas1078", "megasas"},
    {"scsi-controller", "vmpvscsi", "pvscsi"},
    {"scsi-controller", "am53c974", "am53c974"},
    {"scsi-controller", "dc390", "dc390"},
    {"bridge", "pcie-root-port", "pcie-root-port"},
    {"bridge", "pcie-switch-upstream-port", "x3130-upstream"},
    {"bridge", "pcie-switch-downstream-port", "xio3130-downstream"},
    {"bridge", "pci-bridge", "pci-bridge"},
    {"bridge", "dmi-to-pci-bridge", "i82801b11-bridge"},
    {"bridge", "pcie-to-pci-bridge", "pcie-pci-bridge"},
    {"bridge", "pcie-expander-bus", "pxb-pcie"},
    {"bridge", "pci-expander-bus", "pxb"},

    /* Displays, sound, others. */
    {"video", "vga", "VGA"},
    {"video", "cirrus", "cirrus-vga"},
    {"video", "vmvga", "vmware-svga"},
    {"video", "qxl", "qxl-vga"},
    {"video", "bochs", "bochs-display"},
    {"video", "ramfb", "ramfb"},
    {"sound", "es1370", "ES1370"},
    {"sound", "ac97", "AC97"},
    {"sound", "sb16", "sb16"},
    {"sound", "usb", "usb-audio"},
    {"hda", "ich6", "intel-hda"},
    {"hda", "ich9", "ich9-intel-hda"},
    {"codec", "duplex", "hda-duplex"},
    {"codec", "micro", "hda-micro"},
    {"codec", "output", "hda-output"},
    {"watchdog", "i6300esb", "i6300esb"},
    {"watchdog", "ib700", "ib700"},
    {"watchdog", "diag288", "diag288"},
    {"bar", "on", "1"},
    {"bar", "off", "0"},
    {"unarmed", "*", "on"},
    {"watchdog-action", "reset", "reset"},
    {"watchdog-action", "shutdown", "shutdown"},
    {"watchdog-action", "poweroff", "poweroff"},
    {"watchdog-action", "pause", "pause"},
    {"watchdog-action", "none", "none"},
    {"watchdog-action", "inject-nmi", "inject-nmi"},
    {"share", "allow-exclusive", "allow-exclusive"},
    {"share", "force-shared", "force-shared"},
    {"share", "ignore", "ignore"},
    {"all", "all", "on"},
    {"tx", "timer", "timer"},
    {"tx", "iothread", "bh"},
    {"audio", "none", "none"},
    {"audio", "alsa", "alsa"},
    {"audio", "pulseaudio", "pa"},
    {"audio", "oss", "oss"},
    {"audio", "sdl", "sdl"},
    {"audio", "spice", "spice"},
    {"audio", "jack", "jack"},
    {"audio", "file", "wav"},
    {"usb-input", "mouse", "usb-mouse"},
    {"usb-input", "tablet", "usb-tablet"},
    {"usb-input", "keyboard", "usb-kbd"},
    {"security", "mapped", "mapped"},
    {"security", "passthrough", "passthrough"},
    {"security", "squash", "none"},
    {NULL, NULL, NULL},
};

const LibvirtSnippet engine_libvirt_snippets[] = {
    {"topology", "[,sockets={cpu/topology/@sockets}][,dies={cpu/topology/@dies}][,clusters={cpu/topology/@clusters}]"
                 "[,cores={cpu/topology/@cores}][,threads={cpu/topology/@threads}]"},
    {"memory", "[?memoryBacking/access[@mode=shared] ,share=on][?memoryBacking/access[@mode=private] ,share=off]"
               "[?memoryBacking/allocation[@mode=immediate] ,prealloc=on][?memoryBacking/discard ,discard-data=on]"},
    {"cell", "[?.[@memAccess=shared] ,share=on][?/memoryBacking/access[@mode=shared] ,share=on]"
             "[?/memoryBacking/allocation[@mode=immediate] ,prealloc=on]"},
    {"id", "[,id={alias/@name}]"},
    /* The place of a device, and what each virtio device has. */
    {"place",
     "[?address[@type=pci][@bus=0] ,bus={/@root-bus}][?address[@type=pci][@bus!=0] ,bus=pci.{address/@bus|dec}]"
     "[?address[@type=pci] ,addr={address/@slot|hex?0}.{address/@function|hex?0}]"
     "[,multifunction={address/@multifunction}][,acpi-index={acpi/@index}]"
     "[?address[@type=ccw] ,devno={address/@cssid|hex}.{address/@ssid|hex}.{address/@devno|hex}]"
     "[?address[@type=usb] ,bus=usb{address/@bus?0}.0,port={address/@port}]"
     "[?address[@type=isa] ,iobase={address/@iobase}]"},
    {"virtio", "[,iommu_platform={driver/@iommu}][,ats={driver/@ats}][,packed={driver/@packed}]"
               "[,page-per-vq={driver/@page_per_vq}]$place$"},
    {"block",
     "drive=disk{#}[,bootindex={boot/@order}][,logical_block_size={blockio/@logical_block_size}]"
     "[,physical_block_size={blockio/@physical_block_size}][,discard_granularity={blockio/@discard_granularity}]"
     "[,write-cache={driver/@cache|write-cache}][,werror={driver/@error_policy|werror}]"
     "[,rerror={driver/@rerror_policy|werror}][!driver/@rerror_policy [,rerror={driver/@error_policy|rerror}]]"
     "[?shareable ,share-rw=on][,serial={serial}]"},
    {"tap", "tap,id=net{#}[,ifname={target/@dev}],script={script/@path?no},downscript={downscript/@path?no}"
            "[,queues={driver/@queues}]"},
    {"card", "[,mac={mac/@address}][,bootindex={boot/@order}][,romfile={rom/@file}][,rombar={rom/@bar|bar}]$id$"},
    {"node", ",node-name=disk{#}-storage,auto-read-only=on[,discard={driver/@discard}][,aio={driver/@io}]"
             "[,cache.direct={driver/@cache|direct}][,cache.no-flush={driver/@cache|no-flush}]"},
    {"character", "id=char-{#name}{#}[,logfile={log/@file}][,logappend={log/@append}]"},
    {NULL, NULL},
};
