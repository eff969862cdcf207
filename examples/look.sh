# SPDX-License-Identifier: MIT
# What a guest sees of its machine; examples/initramfs.py puts it into an initramfs.
cd /sys/block/vda
echo "disk: $(ls mq | wc -l) queues of $(cat queue/nr_requests) requests"
cd /sys/class/dmi/id
echo "machine: $(cat sys_vendor) $(cat product_version)"
for device in /sys/bus/virtio/devices/*; do
    echo "virtio device $(cat $device/device): features $(cat $device/features)"
done
