# SPDX-License-Identifier: MIT
"""Ethernet frames in Python: connections to a vintage-vm, addresses, and protocols up to UDP."""

import ipaddress
import select
import socket
import struct
import time
from typing import Callable

TIMEOUT = 20.0
ETH_IP4, ETH_ARP, ETH_IP6 = 0x0800, 0x0806, 0x86DD
ICMP6, TCP, UDP = 58, 6, 17
BROADCAST = b"\xff" * 6

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Cable:
    """The other end of a stream netdev: each frame follows its length."""

    def __init__(self, path: str):
        self.socket = socket.socket(socket.AF_UNIX)
        end = time.monotonic() + TIMEOUT
        while True:
            try:
                self.socket.connect(path)
                break
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.005)
        self.buffer = bytearray()

    def close(self) -> None:
        self.socket.close()

    def send(self, frame: bytes) -> None:
        self.socket.sendall(struct.pack(">I", len(frame)) + frame)

    def next(self, timeout: float) -> bytes | None:
        """The next frame; None after a timeout."""
        end = time.monotonic() + timeout
        while True:
            if len(self.buffer) >= 4:
                size = int.from_bytes(self.buffer[:4], "big")
                if len(self.buffer) >= 4 + size:
                    frame = bytes(self.buffer[4:4 + size])
                    del self.buffer[:4 + size]
                    return frame
            if not select.select([self.socket], [], [], max(0.0, end - time.monotonic()))[0]:
                return None
            chunk = self.socket.recv(65536)
            if not chunk:
                raise EOFError("the cable was pulled out")
            self.buffer += chunk

    def idle(self) -> bool:
        """Whether no complete or partial frame is waiting."""
        return len(self.buffer) < 4 and not select.select([self.socket], [], [], 0)[0]


def checksum(data: bytes) -> int:
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo(source: Address, target: Address, protocol: int, size: int) -> bytes:
    tail = struct.pack(">HH", protocol, size) if source.version == 4 else struct.pack(">II", size, protocol)
    return source.packed + target.packed + tail


class Host:
    """A guest on a link: answers ARP and neighbour solicitations, and knows the router's MAC address."""

    def __init__(self, cable: Cable, mac: bytes = bytes.fromhex("525400123456")):
        self.cable, self.mac = cable, mac
        self.addresses: list[Address] = []
        self.links: dict[Address, bytes] = {}
        self.routers: dict[int, Address] = {}
        self.handlers: dict[int, Callable[[Address, Address, bytes], None]] = {}
        self.number = 0

    # ---- frames

    def send_frame(self, target: bytes, kind: int, payload: bytes) -> None:
        self.cable.send(target + self.mac + struct.pack(">H", kind) + payload)

    def step(self, timeout: float) -> bool:
        """Receives one frame; False if there is none."""
        frame = self.cable.next(timeout)
        if frame is None:
            return False
        kind = int.from_bytes(frame[12:14], "big")
        if kind == ETH_ARP:
            self.on_arp(frame[14:])
        elif kind == ETH_IP4:
            self.on_ip4(frame[14:])
        elif kind == ETH_IP6:
            self.on_ip6(frame[14:])
        return True

    def wait(self, what: Callable[[], bool], timeout: float = TIMEOUT) -> None:
        end = time.monotonic() + timeout
        while not what():
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("what was waited for does not come")
            self.step(min(left, 0.2))

    # ---- neighbours

    def on_arp(self, packet: bytes) -> None:
        operation = int.from_bytes(packet[6:8], "big")
        sender, asked = ipaddress.IPv4Address(packet[14:18]), ipaddress.IPv4Address(packet[24:28])
        if operation == 2:
            self.links[sender] = packet[8:14]
        elif asked in self.addresses:
            self.send_frame(packet[8:14], ETH_ARP, struct.pack(">HHBBH", 1, ETH_IP4, 6, 4, 2) + self.mac
                            + asked.packed + packet[8:18])

    def on_icmp6(self, source: Address, target: Address, data: bytes) -> None:
        if data[0] == 135 and ipaddress.IPv6Address(data[8:24]) in self.addresses:
            body = b"\x60\0\0\0" + data[8:24] + b"\x02\x01" + self.mac
            self.send_icmp6(ipaddress.IPv6Address(data[8:24]), source, 136, body)
        elif data[0] == 136:
            self.links[ipaddress.IPv6Address(data[8:24])] = data[26:32]
        elif data[0] == 134:
            self.routers[6] = source
            options = data[16:]
            while options:
                if options[0] == 1:
                    self.links[source] = options[2:8]
                elif options[0] == 3:
                    self.prefix = ipaddress.IPv6Network((options[16:32], options[2]))
                options = options[8 * options[1]:]

    def send_icmp6(self, source: Address, target: Address, kind: int, body: bytes) -> None:
        data = bytes([kind, 0, 0, 0]) + body
        total = checksum(pseudo(source, target, ICMP6, len(data)) + data)
        self.send_ip(source, target, ICMP6, data[:2] + struct.pack(">H", total) + data[4:], 255)

    def solicit(self, target: Address) -> None:
        if target.version == 4:
            mine = next(address for address in self.addresses if address.version == 4)
            self.send_frame(BROADCAST, ETH_ARP, struct.pack(">HHBBH", 1, ETH_IP4, 6, 4, 1) + self.mac + mine.packed
                            + bytes(6) + target.packed)
        else:
            group = ipaddress.IPv6Address(b"\xff\x02" + bytes(9) + b"\x01\xff" + target.packed[13:])
            mine = next(address for address in self.addresses if address.version == 6)
            self.send_icmp6(mine, group, 135, bytes(4) + target.packed + b"\x01\x01" + self.mac)

    def link_of(self, target: Address) -> bytes:
        if target.version == 6 and target.is_multicast:
            return b"\x33\x33" + target.packed[12:]
        if target.version == 4 and target == ipaddress.IPv4Address("255.255.255.255"):
            return BROADCAST
        if target not in self.links:
            self.solicit(target)
            self.wait(lambda: target in self.links)
        return self.links[target]

    # ---- packets

    def send_ip(self, source: Address, target: Address, protocol: int, payload: bytes, hops: int = 64) -> None:
        link = self.link_of(target)
        if source.version == 6:
            head = struct.pack(">IHBB", 6 << 28, len(payload), protocol, hops) + source.packed + target.packed
            self.send_frame(link, ETH_IP6, head + payload)
            return
        self.number = (self.number + 1) & 0xFFFF
        self.send_frame(link, ETH_IP4, self.head4(source, target, protocol, len(payload), hops) + payload)

    def head4(self, source: Address, target: Address, protocol: int, size: int, hops: int = 64, field: int = 0) -> bytes:
        """The header before a payload of @size bytes. @field: flags and offset of a fragment."""
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + size, self.number, field, hops, protocol, 0)
        head += source.packed + target.packed
        return head[:10] + struct.pack(">H", checksum(head)) + head[12:]

    def fragments(self, source: Address, target: Address, protocol: int, payload: bytes, size: int = 1480) -> list[bytes]:
        """The packets of a datagram in fragments of @size bytes, the first one first."""
        self.number = (self.number + 1) & 0xFFFF
        pieces = [(at, payload[at:at + size]) for at in range(0, len(payload), size)]
        more = {at: 0x2000 if at + size < len(payload) else 0 for at, _ in pieces}
        return [self.head4(source, target, protocol, len(piece), field=at // 8 | more[at]) + piece for at, piece in pieces]

    def on_ip4(self, packet: bytes) -> None:
        size, start = int.from_bytes(packet[2:4], "big"), (packet[0] & 15) * 4
        assert checksum(packet[:start]) == 0, "a header's checksum is wrong"
        self.on_payload(packet[9], ipaddress.IPv4Address(packet[12:16]), ipaddress.IPv4Address(packet[16:20]),
                        packet[start:size])

    def on_ip6(self, packet: bytes) -> None:
        size = int.from_bytes(packet[4:6], "big")
        self.on_payload(packet[6], ipaddress.IPv6Address(packet[8:24]), ipaddress.IPv6Address(packet[24:40]),
                        packet[40:40 + size])

    def on_payload(self, protocol: int, source: Address, target: Address, data: bytes) -> None:
        if protocol == ICMP6:
            self.on_icmp6(source, target, data)
        elif protocol in self.handlers:
            self.handlers[protocol](source, target, data)

    # ---- UDP

    def send_udp(self, source: tuple[Address, int], target: tuple[Address, int], data: bytes) -> None:
        self.send_ip(source[0], target[0], UDP, self.datagram(source, target, data))

    @staticmethod
    def datagram(source: tuple[Address, int], target: tuple[Address, int], data: bytes) -> bytes:
        head = struct.pack(">HHHH", source[1], target[1], 8 + len(data), 0)
        total = checksum(pseudo(source[0], target[0], UDP, 8 + len(data)) + head + data)
        return head[:6] + struct.pack(">H", total) + data

    def receive_udp(self, port: int, timeout: float = TIMEOUT) -> tuple[tuple[Address, int], bytes]:
        """The next datagram to @port, and its source."""
        found: list[tuple[tuple[Address, int], bytes]] = []

        def on_udp(source: Address, _target: Address, data: bytes) -> None:
            from_port, to_port, size = struct.unpack(">HHH", data[:6])
            if to_port == port:
                found.append(((source, from_port), data[8:size]))

        self.handlers[UDP] = on_udp
        self.wait(lambda: bool(found), timeout)
        return found[0]
