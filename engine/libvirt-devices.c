/* SPDX-License-Identifier: MIT */
/*
 * Rules for devices and their backends.
 */
#include "libvirt.h"

#define DISK      "devices/disk"
#define VIRTIO    DISK "[target/@bus=virtio]"
#define CHARACTER "devices/(serial|parallel|channel|console|redirdev|smartcard)"

const LibvirtRule engine_libvirt_devices[] = {
    /* What needs no option. */
    {"devices/*/alias", NULL, "**"},
    {"devices/*/address[@type=pci][@domain=0]", NULL, NULL},
    {"devices/*/seclabel", NULL, "**"},
    {"devices/*/source/seclabel", NULL, "**"},
    {"devices/*[@model=none]", NULL, NULL},
    {"devices/interface/(target|link[@state=up]|coalesce)", NULL, NULL},
    {"devices/disk/target[@dev]", NULL, NULL},
    {"devices/disk[@type=file|block][!source]", NULL, NULL},
    {"devices/disk/driver[@name=qemu]", NULL, NULL},
    {"devices/disk[@snapshot]", NULL, NULL},

    /* Values that libvirt adds. */
    {"devices/*/address[@type=pci][!@bus]", "=@bus", "0"},
    {"devices/disk[!@device]", "=@device", "disk"},
    {"devices/disk[!target/@bus][target/@dev=vd*]", "=target/@bus", "virtio"},
    {"devices/disk[!target/@bus][target/@dev=sd*]", "=target/@bus", "scsi"},
    {"devices/disk[!target/@bus][target/@dev=fd*]", "=target/@bus", "fdc"},
    {"devices/disk[!target/@bus][target/@dev=hd*][/os/type/@machine=*q35*]", "=target/@bus", "sata"},
    {"devices/disk[!target/@bus][target/@dev=hd*]", "=target/@bus", "ide"},
    {"devices/disk[!driver/@type]", "=driver/@type", "raw"},
    {"devices/interface[!model/@type][/@transport=ccw]", "=model/@type", "virtio"},
    {"devices/interface[!model/@type][/os/type/@arch=x86_64|i686]", "=model/@type", "rtl8139"},
    {"devices/interface[!model/@type]", "=model/@type", "virtio"},
    {"devices/controller[@type=scsi][!@model][/os/type/@arch=x86_64|i686]", "=@model", "lsilogic"},
    {"devices/controller[@type=scsi][!@model]", "=@model", "virtio-scsi"},
    {"devices/controller[@type=usb][!@model][/os/type/@machine=*q35*]", "=@model", "qemu-xhci"},
    {"devices/controller[@type=usb][!@model][/os/type/@arch=x86_64|i686]", "=@model", "piix3-uhci"},
    {"devices/controller[@type=usb][!@model]", "=@model", "qemu-xhci"},
    {"devices/controller[!@index]", "=@index", "0"},
    {"devices/vsock[!@model]", "=@model", "virtio"},
    {"devices/(serial|channel|console|parallel)[!@type]", "=@type", "pty"},

    /* Controllers. */
    {"devices/controller[@type=pci][@model=pci-root|pcie-root][@index]", NULL, NULL},
    {"devices/controller[@type=pci][target/@chassisNr]", "device",
     "{@model|bridge},id=pci.{@index},chassis_nr={target/@chassisNr}$place$"},
    {"devices/controller[@type=pci][target/@busNr]", "device",
     "{@model|bridge},id=pci.{@index},bus_nr={target/@busNr|dec}[,numa_node={target/node}]$place$"},
    {"devices/controller[@type=pci][@model=pcie-root-port|pcie-switch-downstream-port]", "device",
     "{@model|bridge},id=pci.{@index},chassis={target/@chassis?{@index}}[,port={target/@port}]"
     "[,hotplug={target/@hotplug}]$place$"},
    {"devices/controller[@type=pci][@model=pci-bridge][!target/@chassisNr]", "device",
     "{@model|bridge},id=pci.{@index},chassis_nr={@index}$place$"},
    {"devices/controller[@type=pci][@model=pcie-switch-upstream-port|dmi-to-pci-bridge|pcie-to-pci-bridge]", "device",
     "{@model|bridge},id=pci.{@index}$place$"},
    {"devices/controller[@type=pci]/model", NULL, NULL},
    {"devices/controller[@type=usb][!master]", "device",
     "{@model|usb},id=usb{@index}[,p2={@ports},p3={@ports}]$place$"},
    {"devices/controller[@type=usb][master]", "device",
     "{@model|usb},masterbus=usb{@index}.0,firstport={master/@startport}$place$"},
    {"devices/controller[@type=scsi][@model=virtio-scsi]", "device",
     "virtio-scsi-{/@transport},id=scsi{@index}[,num_queues={driver/@queues}][,cmd_per_lun={driver/@cmd_per_lun}]"
     "[,max_sectors={driver/@max_sectors}][,iothread=iothread{driver/@iothread}][,ioeventfd={driver/@ioeventfd}]"
     "$virtio$"},
    {"devices/controller[@type=scsi][@model!=virtio-scsi]", "device",
     "{@model|scsi-controller},id=scsi{@index}$place$"},
    {"devices/controller[@type=virtio-serial]", "device",
     "virtio-serial-{/@transport},id=virtio-serial{@index}[,max_ports={@ports}][,vectors={@vectors}]$virtio$"},
    {"devices/controller[@type=sata][@index=0][/os/type/@machine=*q35*]", NULL, "**"},
    {"devices/controller[@type=sata][/os/type/@machine!=*q35*]", "device", "ahci,id=sata{@index}$place$"},
    {"devices/controller[@type=sata][@index!=0]", "device", "ahci,id=sata{@index}$place$"},
    {"devices/controller[@type=ide][/os/type/@machine=pc*]", NULL, "**"},
    {"devices/controller[@type=fdc][/os/type/@machine!=*q35*]", NULL, "**"},
    {"devices/controller[@type=fdc][/os/type/@machine=*q35*]", "device", "isa-fdc,id=fdc{@index}"},
    {"devices/controller[@type=ccid]", "device", "usb-ccid,id=ccid{@index}$place$"},
    /* Controllers that a device implies. */
    {".[devices/disk/target[@bus=scsi]][!devices/controller[@type=scsi]]", "device",
     "virtio-scsi-{/@transport},id=scsi0"},
    {".[devices/(channel|console)/target[@type=virtio]][!devices/controller[@type=virtio-serial]]", "device",
     "virtio-serial-{/@transport},id=virtio-serial0"},
    {".[devices/smartcard][!devices/controller[@type=ccid]]", "device", "usb-ccid,id=ccid0"},
    {".[!devices/controller[@type=usb]][devices/(input|redirdev)[@bus=usb]]", "=@usb", "yes"},
    {".[!devices/controller[@type=usb]][devices/(hostdev|hub)[@type=usb]][!@usb]", "=@usb", "yes"},
    {".[!devices/controller[@type=usb]][devices/disk/target[@bus=usb]][!@usb]", "=@usb", "yes"},
    {".[!devices/controller[@type=usb]][devices/smartcard][!@usb]", "=@usb", "yes"},
    {".[!devices/controller[@type=usb]][devices/serial/target[@type=usb-serial]][!@usb]", "=@usb", "yes"},
    {".[!devices/controller[@type=usb]][devices/sound[@model=usb]][!@usb]", "=@usb", "yes"},
    {".[@usb][os/type/@machine=pc|pc-i440fx*|pc-0*|pc-1*]", "device", "piix3-usb-uhci,id=usb0"},
    {".[@usb][os/type/@machine!=pc|pc-i440fx*|pc-0*|pc-1*]", "device", "qemu-xhci,id=usb0"},

    /* Disks: where the data is, its format, and the device. */
    {DISK "[source/@file]", "blockdev", "driver=file,filename={source/@file}$node$"},
    {DISK "[source/@dev]", "blockdev", "driver=host_device,filename={source/@dev}$node$"},
    {DISK "[source/@dir]", "blockdev", "driver=vvfat,dir={source/@dir},fat-type=0$node$"},
    {DISK "[source/@protocol=nbd][source/host/@transport=unix]", "blockdev",
     "driver=nbd,server.type=unix,server.path={source/host/@socket}[,export={source/@name}]$node$"},
    {DISK "[source/@protocol=nbd][!source/host/@transport=unix][source/host/@name]", "blockdev",
     "driver=nbd,server.type=inet,server.host={source/host/@name},server.port={source/host/@port?10809}"
     "[,export={source/@name}]$node$"},
    {DISK "[source/@protocol=iscsi]", "blockdev",
     "driver=iscsi,transport=tcp,portal={source/host/@name}:{source/host/@port?3260},target={source/@name}$node$"},
    {DISK "[source/@protocol=rbd]", "blockdev",
     "driver=rbd,pool={source/@name|head},image={source/@name|tail}"
     "[,server.0.host={source/host/@name},server.0.port={source/host/@port}]"
     "[,snapshot={source/snapshot/@name}][,conf={source/config/@file}]$node$"},
    {DISK "[source/@protocol=http|https|ftp|ftps]", "blockdev",
     "driver={source/@protocol},url={source/@protocol}://{source/host/@name}[:{source/host/@port}]/{source/@name}"
     "[?source/ssl[@verify=no] ,sslverify=off][,readahead={source/readahead/@size}]$node$"},
    {DISK "[source/@protocol=nfs]", "blockdev",
     "driver=nfs,server.type=inet,server.host={source/host/@name},path={source/@name}$node$"},
    {DISK "[source/@protocol=ssh]", "blockdev",
     "driver=ssh,server.host={source/host/@name},server.port={source/host/@port?22},path={source/@name}$node$"},
    {DISK "[source/@protocol=gluster]", "blockdev",
     "driver=gluster,volume={source/@name|head},path={source/@name|tail},server.0.type=inet"
     ",server.0.host={source/host/@name},server.0.port={source/host/@port?24007}$node$"},
    {DISK "[@type=nvme]", "blockdev",
     "driver=nvme,device={source/address/@domain|hex}:{source/address/@bus|hex}:{source/address/@slot|hex}"
     ".{source/address/@function|hex},namespace={source/@namespace}$node$"},
    {DISK "[source/(@file|@dev|@dir|@namespace)]", NULL, NULL},
    {DISK "[source][@type=file|block|dir|network|nvme]", "blockdev",
     "driver={driver/@type},node-name=disk{#},file=disk{#}-storage[?readonly ,read-only=on]"
     "[?.[@device=cdrom][!readonly] "
     ",read-only=on][,detect-zeroes={driver/@detect_zeroes}][,discard={driver/@discard}]"},
    {VIRTIO "[@device=disk]", "device",
     "virtio-blk-{/@transport},$block$[,num-queues={driver/@queues}][,queue-size={driver/@queue_size}]"
     "[,iothread=iothread{driver/@iothread}][,ioeventfd={driver/@ioeventfd}][,event_idx={driver/"
     "@event_idx}]$virtio$$id$"},
    {DISK "[target/@bus=scsi][@device=disk|cdrom][source]", "device",
     "scsi-{@device|scsi},bus=scsi{address/@controller?0}.0[,channel={address/@bus}][,scsi-id={address/@target}]"
     "[,lun={address/@unit}][,wwn={wwn}][,vendor={vendor}][,product={product}],$block$$id$"},
    {DISK "[target/@bus=scsi][@device=cdrom][!source]", "device", "scsi-cd,bus=scsi{address/@controller?0}.0$id$"},
    {DISK "[target/@bus=scsi][@device=lun]", "device",
     "scsi-block,bus=scsi{address/@controller?0}.0[,lun={address/@unit}],drive=disk{#}$id$"},
    {DISK "[target/@bus=sata][/os/type/@machine=*q35*][source]", "device",
     "ide-{@device|scsi}[,bus=ide.{address/@unit}][,wwn={wwn}],$block$$id$"},
    {DISK "[target/@bus=sata][/os/type/@machine!=*q35*][source]", "device",
     "ide-{@device|scsi},bus=sata{address/@controller?0}.{address/@unit?0},$block$$id$"},
    {DISK "[target/@bus=sata|ide][@device=cdrom][!source]", "device",
     "ide-cd[?address[/os/type/@machine=*q35*] ,bus=ide.{address/@unit}]"
     "[!address[/os/type/@machine=*q35*] ,bus=ide.{address/@bus},unit={address/@unit}]$id$"},
    {DISK "[target/@bus=ide][source]", "device",
     "ide-{@device|scsi}[,bus=ide.{address/@bus},unit={address/@unit}],$block$$id$"},
    {DISK "[target/@bus=usb]", "device", "usb-storage[,removable={target/@removable}],$block$$place$$id$"},
    {DISK "[target/@bus=fdc][source]", "device", "floppy[,unit={address/@unit}],drive=disk{#}$id$"},
    {DISK "[target/@bus=sd]", "device", "sd-card,drive=disk{#}$id$"},
    {DISK "/address[@type=drive]", NULL, "**"},

    /* File systems. */
    {"devices/filesystem[source/@dir][driver/@type!=virtiofs]", "fsdev",
     "local,id=fs{#},path={source/@dir},security_model={@accessmode|security?passthrough}[?readonly ,readonly=on]"
     "[,writeout={driver/@wrpolicy}][,multidevs={@multidevs}][,fmode={@fmode}][,dmode={@dmode}]"},
    {"devices/filesystem[source/@dir][driver/@type!=virtiofs]", "device",
     "virtio-9p-{/@transport},fsdev=fs{#},mount_tag={target/@dir}$virtio$$id$"},
    {"devices/filesystem[driver/@type=virtiofs][source/@socket]", "chardev", "socket,id=fs{#},path={source/@socket}"},
    {"devices/filesystem[driver/@type=virtiofs][source/@socket]", "device",
     "vhost-user-fs-{/@transport},chardev=fs{#},tag={target/@dir}[,queue-size={driver/@queue}]"
     "[,bootindex={boot/@order}]$place$$id$"},
    {"devices/filesystem[@type=mount][source/@dir]", NULL, NULL},

    /* Network cards. */
    {"devices/interface[@type=user]", "netdev", "user,id=net{#}"},
    {"devices/interface[@type=network][source/@bridge][source/@network]", NULL, NULL},
    {"devices/interface[@type=bridge][source/@bridge]", "netdev", "bridge,id=net{#},br={source/@bridge}"},
    {"devices/interface[@type=network][source/@bridge]", "netdev", "bridge,id=net{#},br={source/@bridge}"},
    {"devices/interface[@type=ethernet]", "netdev", "$tap$"},
    /* libvirt opens the interface, and joins it to a network of its own or, as macvtap, to a card of the host. */
    {"devices/interface[@type=network][!source/@bridge]", "netdev", "$tap$"},
    {"devices/interface[@type=direct|internal]", "netdev", "$tap$"},
    {"devices/interface[@type=mcast]", "netdev", "socket,id=net{#},mcast={source/@address}:{source/@port}"},
    {"devices/interface[@type=server]", "netdev", "socket,id=net{#},listen={source/@address}:{source/@port}"},
    {"devices/interface[@type=client]", "netdev", "socket,id=net{#},connect={source/@address}:{source/@port}"},
    {"devices/interface[@type=udp]", "netdev",
     "socket,id=net{#},udp={source/@address}:{source/@port},localaddr={source/local/@address}:{source/local/@port}"},
    {"devices/interface[@type=vdpa]", "netdev", "vhost-vdpa,id=net{#},vhostdev={source/@dev}"},
    {"devices/interface[@type=vhostuser]", "chardev",
     "socket,id=char-net{#},path={source/@path}[?source[@mode=server] ,server=on]"},
    {"devices/interface[@type=vhostuser]", "netdev",
     "vhost-user,id=net{#},chardev=char-net{#}"
     "[,queues={driver/@queues}]"},
    {"devices/interface[model/@type=virtio][@type!=hostdev]", "device",
     "virtio-net-{/@transport},netdev=net{#}[,host_mtu={mtu/@size}][,rx_queue_size={driver/@rx_queue_size}]"
     "[,tx_queue_size={driver/@tx_queue_size}][,tx={driver/@txmode|tx}][,ioeventfd={driver/@ioeventfd}]"
     "[,event_idx={driver/@event_idx}][,csum={driver/host/@csum}][,gso={driver/host/@gso}]"
     "[,host_tso4={driver/host/@tso4}][,host_tso6={driver/host/@tso6}][,host_ecn={driver/host/@ecn}]"
     "[,host_ufo={driver/host/@ufo}][,mrg_rxbuf={driver/host/@mrg_rxbuf}][,guest_csum={driver/guest/@csum}]"
     "[,guest_tso4={driver/guest/@tso4}][,guest_tso6={driver/guest/@tso6}][,guest_ecn={driver/guest/@ecn}]"
     "[,guest_ufo={driver/guest/@ufo}][?driver/@queues ,mq=on]$card$$virtio$"},
    {"devices/interface[model/@type!=virtio][@type!=hostdev]", "device",
     "{model/@type|nic},netdev=net{#}$card$$place$"},

    /* Host devices. */
    {"devices/(hostdev|interface)[@type=pci|hostdev][source/address/@bus]", "device",
     "vfio-pci,host={source/address/@domain|hex?0000}:{source/address/@bus|hex}:{source/address/@slot|hex}"
     ".{source/address/@function|hex}[,bootindex={boot/@order}][,romfile={rom/@file}][,rombar={rom/@bar|bar}]"
     "$place$$id$"},
    {"devices/hostdev[@type=usb][source/vendor/@id]", "device",
     "usb-host,vendorid={source/vendor/@id},productid={source/product/@id}[,bootindex={boot/@order}]$place$$id$"},
    {"devices/hostdev[@type=usb][source/address/@bus]", "device",
     "usb-host,hostbus={source/address/@bus|dec},hostaddr={source/address/@device|dec}[,bootindex={boot/@order}]"
     "$place$$id$"},
    {"devices/hostdev[@type=mdev][@model=vfio-pci]", "device",
     "vfio-pci,sysfsdev=/sys/bus/mdev/devices/{source/address/@uuid}[,display={@display}][,ramfb={@ramfb}]$place$$id$"},
    {"devices/hostdev[@type=mdev][@model=vfio-ccw]", "device",
     "vfio-ccw,sysfsdev=/sys/bus/mdev/devices/{source/address/@uuid}$place$$id$"},
    {"devices/hostdev[@type=mdev][@model=vfio-ap]", "device",
     "vfio-ap,sysfsdev=/sys/bus/mdev/devices/{source/address/@uuid}$id$"},
    {"devices/hostdev[@type=scsi_host][source/@wwpn]", "device",
     "vhost-scsi-{/@transport},wwpn={source/@wwpn}$place$$id$"},
    {"devices/(hostdev|interface)[@managed]", NULL, NULL},
    {"devices/hostdev[@mode=subsystem]", NULL, NULL},

    /* Character devices. */
    {CHARACTER "[@type=pty|null|vc|stdio]", "chardev", "{@type},$character$"},
    {CHARACTER "[@type=file]", "chardev", "file,$character$,path={source/@path}[,append={source/@append}]"},
    {CHARACTER "[@type=pipe]", "chardev", "pipe,$character$,path={source/@path}"},
    {CHARACTER "[@type=dev]", "chardev", "serial,$character$,path={source/@path}"},
    {CHARACTER "[@type=unix]", "chardev",
     "socket,$character$,path={source/@path}[?source[@mode=bind] ,server=on,wait=off]"
     "[,reconnect={source/reconnect/@timeout}]"},
    {CHARACTER "[@type=tcp]", "chardev",
     "socket,$character$,host={source/@host},port={source/@service}[?source[@mode=bind] ,server=on,wait=off]"
     "[?protocol[@type=telnet] ,telnet=on][,reconnect={source/reconnect/@timeout}]"},
    {CHARACTER "[@type=udp]", "chardev",
     "udp,$character$,host={source[@mode=connect]/@host?127.0.0.1},port={source[@mode=connect]/@service}"
     "[,localaddr={source[@mode=bind]/@host}][,localport={source[@mode=bind]/@service}]"},
    {CHARACTER "[@type=spicevmc]", "chardev", "spicevmc,$character$,name={target/@name|spice?vdagent}"},
    {CHARACTER "[@type=spiceport]", "chardev", "spiceport,$character$,name={source/@channel}"},
    {CHARACTER "/(source|target|protocol|log)", NULL, NULL},
    {CHARACTER "/source[@mode=connect|bind]", NULL, NULL},
    {CHARACTER "[@type=pty]/source[@path]", NULL, NULL},
    {CHARACTER "/protocol[@type=raw]", NULL, NULL},
    {CHARACTER "/target[@state]", NULL, NULL},
    {"devices/(serial|console|channel)[@tty]", NULL, NULL},
    {"devices/console/target[@type=serial]", NULL, NULL},
    {"devices/(serial|parallel|console)/target[@port]", NULL, NULL},
    {"devices/serial/target[@type=isa-serial|pci-serial|usb-serial|system-serial|sclp-serial|spapr-vio-serial]", NULL,
     NULL},
    {"devices/serial/target/model", NULL, "**"},
    {"devices/serial[target/@type=pci-serial]", "device", "pci-serial,chardev=char-serial{#}$place$$id$"},
    {"devices/serial[target/@type=usb-serial]", "device", "usb-serial,chardev=char-serial{#}$place$$id$"},
    {"devices/serial[target/@type!=pci-serial|usb-serial][/os/type/@arch=x86_64|i686]", "device",
     "isa-serial,chardev=char-serial{#}[,index={target/@port}]$id$"},
    {"devices/serial[target/@type!=pci-serial|usb-serial][/os/type/@arch=aarch64|armv7l|riscv64]", "serial",
     "chardev:char-serial{#}"},
    {"devices/serial[/os/type/@arch=ppc64*]", "device", "spapr-vty,chardev=char-serial{#}$id$"},
    {"devices/(serial|console)[/@transport=ccw][target/@type!=virtio|sclplm]", "device",
     "sclpconsole,chardev=char-{#name}{#}$id$"},
    {"devices/console[target/@type=sclplm]", "device", "sclplmconsole,chardev=char-console{#}$id$"},
    {"devices/parallel", "device", "isa-parallel,chardev=char-parallel{#}[,index={target/@port}]$id$"},
    {"devices/console[target/@type=virtio]", "device", "virtconsole,chardev=char-console{#}$id$"},
    {"devices/console[target/@type!=virtio][!/devices/serial][/os/type/@arch=x86_64|i686]", "device",
     "isa-serial,chardev=char-console{#}$id$"},
    {"devices/console[target/@type!=virtio][!/devices/serial][/os/type/@arch=aarch64|armv7l|riscv64]", "serial",
     "chardev:char-console{#}"},
    {"devices/channel[target/@type=virtio]", "device",
     "virtserialport,bus=virtio-serial{address/@controller?0}.0[,nr={address/@port}],chardev=char-channel{#}"
     "[,name={target/@name}]$id$"},
    {"devices/channel[target/@type=guestfwd]", "netdev",
     "user,id=fwd{#},guestfwd=tcp:{target/@address}:{target/@port}-chardev:char-channel{#}"},
    {"devices/(channel|console)/address[@type=virtio-serial]", NULL, "**"},
    {"devices/redirdev", "device", "usb-redir,chardev=char-redirdev{#}[,bootindex={boot/@order}]$place$$id$"},
    {"devices/redirdev[@bus=usb]", NULL, NULL},
    {"devices/smartcard[@mode=host]", "device", "ccid-card-emulated,backend=nss-emulated,bus=ccid0.0$id$"},
    {"devices/smartcard[@mode=host-certificates]", "device",
     "ccid-card-emulated,backend=certificates,cert1={certificate},db={database?/etc/pki/nssdb},bus=ccid0.0$id$"},
    {"devices/smartcard[@mode=passthrough]", "device", "ccid-card-passthru,chardev=char-smartcard{#},bus=ccid0.0$id$"},
    {"devices/smartcard/address[@type=ccid]", NULL, "**"},

    /* Displays. Without its password, a server that had one refuses clients until a client of QMP sets it. */
    {"devices/graphics[@type=vnc][@socket]", "vnc", "unix:{@socket}[?@passwd ,password=on]"},
    {"devices/graphics[@type=vnc][@port=-1|@autoport=yes]", NULL, NULL},
    {"devices/graphics[@type=vnc][!@socket]", "vnc",
     "{listen/@address?{@listen?127.0.0.1}}:{@port|vnc?0}[?.[@autoport=yes] ,to=99][,share={@sharePolicy|share}]"
     "[,websocket={@websocket}][?@passwd ,password=on]"},
    {"devices/graphics[@type=spice]", "spice",
     "addr={listen/@address?{@listen?127.0.0.1}}[,port={@port}][,tls-port={@tlsPort}][,image-compression={image/"
     "@compression}]"
     "[,jpeg-wan-compression={jpeg/@compression}][,zlib-glz-wan-compression={zlib/@compression}]"
     "[,playback-compression={playback/@compression|switch}][,streaming-video={streaming/@mode}]"
     "[!@passwd ,disable-ticketing=on]"},
    {"devices/graphics[@type=sdl]", "display", "sdl[,gl={gl/@enable|switch}]"},
    {"devices/graphics[@type=egl-headless]", "display", "egl-headless[,rendernode={gl/@rendernode}]"},
    {"devices/graphics[@type=dbus]", "display", "dbus[,gl={gl/@enable|switch}][,addr={@address}]"},
    {"devices/graphics[@keymap]", "k", "{@keymap}"},
    {"devices/graphics/listen[@type=address]", NULL, NULL},
    {".[!devices/graphics]", "display", "none"},
    {"devices/video[model/@type=vga|vmvga]", "device", "{model/@type|video}[,vgamem_mb={model/@vram|mib}]$place$$id$"},
    {"devices/video[model/@type=qxl]", "device",
     "qxl-vga[,vgamem_mb={model/@vgamem|mib}][,ram_size={model/@ram|bytes}][,vram_size={model/@vram|bytes}]"
     ",vram64_size_mb={model/@vram64|mib?0}[,max_outputs={model/@heads}]$place$$id$"},
    {"devices/video[model/@type=bochs]", "device", "bochs-display[,vgamem={model/@vram|bytes}]$place$$id$"},
    {"devices/video[model/@type=cirrus|ramfb]", "device", "{model/@type|video}$place$$id$"},
    {"devices/video[model/@type=virtio][model/@primary!=no][/os/type/@arch=x86_64|i686]", "device",
     "virtio-vga[,max_outputs={model/@heads}]$virtio$$id$"},
    {"devices/video[model/@type=virtio][/os/type/@arch!=x86_64|i686]", "device",
     "virtio-gpu-{/@transport}[,max_outputs={model/@heads}]$virtio$$id$"},
    {"devices/video[model/@type=virtio][model/@primary=no][/os/type/@arch=x86_64|i686]", "device",
     "virtio-gpu-{/@transport}[,max_outputs={model/@heads}]$virtio$$id$"},
    {"devices/video/model[@type=none]", NULL, NULL},
    {"devices/video/model[@primary=yes]", NULL, NULL},
    {"devices/video/model[@heads=1]", NULL, NULL},

    /* Sound. */
    {"devices/audio[@type=none|alsa|pulseaudio|oss|sdl|spice|jack|file]", "audiodev",
     "{@type|audio},id=audio{@id}"
     "[,path={@path}]"},
    {".[devices/sound][!devices/audio]", "audiodev", "none,id=audio1"},
    {"devices/sound[@model=ich6|ich9]", "device", "{@model|hda},id=sound{#}$place$"},
    {"devices/sound[@model=ich6|ich9][codec]/codec", "device",
     "{@type|codec},bus=sound{../#}.0,audiodev=audio{../audio/@id?1}"},
    {"devices/sound[@model=ich6|ich9][!codec]", "device", "hda-duplex,bus=sound{#}.0,audiodev=audio{audio/@id?1}"},
    {"devices/sound[@model=es1370|ac97|sb16|usb]", "device", "{@model|sound},audiodev=audio{audio/@id?1}$place$$id$"},
    {"devices/sound[@model=pcspk]", "machine", "pcspk-audiodev=audio{audio/@id?1}"},

    /* Other devices. */
    {"devices/input[@bus=usb]", "device", "{@type|usb-input}$place$$id$"},
    {"devices/input[@bus=virtio][@type=mouse|keyboard|tablet]", "device", "virtio-{@type}-{/@transport}$virtio$$id$"},
    {"devices/input[@bus=virtio][@type=passthrough]", "device",
     "virtio-input-host-{/@transport},evdev={source/@evdev}$virtio$$id$"},
    {"devices/input[@type=evdev]", "object",
     "input-linux,id=input{#},evdev={source/@dev}[,grab_all={source/@grab|all}]"
     "[,repeat={source/@repeat}][,grab-toggle={source/@grabToggle}]"},
    {"devices/input[@bus=ps2]", NULL, NULL},
    {"devices/hub[@type=usb]", "device", "usb-hub$place$$id$"},
    {"devices/memballoon[@model=virtio]", "device",
     "virtio-balloon-{/@transport}[,deflate-on-oom={@autodeflate}][,free-page-reporting={@freePageReporting}]"
     "$virtio$$id$"},
    {"devices/memballoon/stats", NULL, NULL},
    {".[!devices/memballoon]", "device", "virtio-balloon-{/@transport}"},
    {"devices/rng[backend/@model=random]", "object", "rng-random,id=rng{#}[,filename={backend}]"},
    {"devices/rng[backend/@model=builtin]", "object", "rng-builtin,id=rng{#}"},
    {"devices/rng[backend/@model=egd][backend/@type=unix]", "chardev",
     "socket,id=char-rng{#},path={backend/source/@path}[?backend/source[@mode=bind] ,server=on,wait=off]"},
    {"devices/rng[backend/@model=egd][backend/@type=tcp]", "chardev",
     "socket,id=char-rng{#},host={backend/source/@host},port={backend/source/@service}"},
    {"devices/rng[backend/@model=egd][backend/@type=unix|tcp]", "object", "rng-egd,id=rng{#},chardev=char-rng{#}"},
    {"devices/rng[@model=virtio]", "device",
     "virtio-rng-{/@transport},rng=rng{#}[,max-bytes={rate/@bytes}][,period={rate/@period}]$virtio$$id$"},
    {"devices/tpm[backend/@type=passthrough]", "tpmdev", "passthrough,id=tpm{#},path={backend/device/@path}"},
    {"devices/tpm[backend/@type=external]", "chardev", "socket,id=char-tpm{#},path={backend/source/@path}"},
    {"devices/tpm[backend/@type=external]", "tpmdev", "emulator,id=tpm{#},chardev=char-tpm{#}"},
    {"devices/tpm[backend/@type=passthrough|external]", "device", "{@model?tpm-tis},tpmdev=tpm{#}$id$"},
    {"devices/watchdog[@model=i6300esb|ib700|diag288]", "device", "{@model|watchdog}$place$$id$"},
    {"devices/watchdog[@model=itco]", "global", "ICH9-LPC.noreboot=off"},
    {"devices/watchdog[@action]", "action", "watchdog={@action|watchdog-action}"},
    {"devices/panic[@model=isa]", "device", "pvpanic[,ioport={address/@iobase}]$id$"},
    {"devices/panic[!@model][/os/type/@arch=x86_64|i686]", "device", "pvpanic[,ioport={address/@iobase}]$id$"},
    {"devices/panic[@model=pvpanic]", "device", "pvpanic-pci$place$$id$"},
    {"devices/panic[@model=hyperv]", "+cpu", ",hv-crash=on"},
    {"devices/panic[@model=pseries|s390]", NULL, NULL},
    {"devices/panic/address[@type=isa]", NULL, NULL},
    {"devices/memory[@model=dimm]", "object",
     "memory-backend-ram,id=mem{#},size={target/size|bytes}[?.[@access=shared] ,share=on]"},
    {"devices/memory[@model=nvdimm]", "object",
     "memory-backend-file,id=mem{#},mem-path={source/path},size={target/size|bytes}[?.[@access=shared] ,share=on]"
     "[,align={source/alignsize|bytes}][?source/pmem ,pmem=on]"},
    {"devices/memory[@model=virtio-pmem]", "object",
     "memory-backend-file,id=mem{#},mem-path={source/path},size={target/size|bytes},share=on"},
    {"devices/memory[@model=virtio-mem]", "object",
     "memory-backend-ram,id=mem{#},size={target/size|bytes},reserve=off"},
    {"devices/memory[@model=dimm]", "device",
     "pc-dimm,memdev=mem{#}[,node={target/node}][,slot={address/@slot}][,addr={address/@base}]$id$"},
    {"devices/memory[@model=nvdimm]", "device",
     "nvdimm,memdev=mem{#}[,node={target/node}][,uuid={uuid}][,label-size={target/label/size|bytes}]"
     "[,unarmed={target/readonly|unarmed}][,slot={address/@slot}][,addr={address/@base}]$id$"},
    {"devices/memory[@model=virtio-pmem]", "device", "virtio-pmem-{/@transport},memdev=mem{#}$place$$id$"},
    {"devices/memory[@model=virtio-mem]", "device",
     "virtio-mem-{/@transport},memdev=mem{#}[,node={target/node}][,block-size={target/block|bytes}]"
     "[,requested-size={target/requested|bytes}]$place$$id$"},
    {".[devices/memory[@model=nvdimm]]", "machine", "nvdimm=on"},
    {"devices/memory/address[@type=dimm]", NULL, NULL},
    {"devices/memory/target", NULL, NULL},
    {"devices/iommu[@model=intel]", "device",
     "intel-iommu[,intremap={driver/@intremap}][,caching-mode={driver/@caching_mode}][,eim={driver/@eim}]"
     "[,device-iotlb={driver/@iotlb}][,aw-bits={driver/@aw_bits}]$id$"},
    {"devices/iommu[@model=smmuv3]", "machine", "iommu=smmuv3"},
    {"devices/iommu[@model=virtio]", "device", "virtio-iommu-{/@transport}$place$$id$"},
    {"devices/vsock[@model=virtio]", "device", "vhost-vsock-{/@transport},guest-cid={cid/@address}$virtio$$id$"},
    {"devices/vsock/cid[@auto=no]", NULL, NULL},
    {"devices/shmem[model/@type=ivshmem-plain]", "object",
     "memory-backend-file,id=shmem{#},mem-path=/dev/shm/{@name},size={size|bytes},share=on"},
    {"devices/shmem[model/@type=ivshmem-plain]", "device", "ivshmem-plain,memdev=shmem{#}$place$$id$"},
    {"devices/shmem[model/@type=ivshmem-doorbell]", "chardev", "socket,id=char-shmem{#},path={server/@path}"},
    {"devices/shmem[model/@type=ivshmem-doorbell]", "device",
     "ivshmem-doorbell,chardev=char-shmem{#}[,vectors={msi/@vectors}][,ioeventfd={msi/@ioeventfd}]$place$$id$"},
    {"devices/shmem[model/@type=ivshmem-doorbell][@name]", NULL, NULL},
    {"devices/crypto[@model=virtio][backend/@model=builtin]", "object",
     "cryptodev-backend-builtin,id=crypto{#}"
     "[,queues={backend/@queues}]"},
    {"devices/crypto[@model=virtio][backend/@model=builtin]", "device",
     "virtio-crypto-{/@transport},cryptodev=crypto{#}$place$$id$"},
    {"devices/crypto[@type=qemu]", NULL, NULL},
    {NULL, NULL, NULL},
};
