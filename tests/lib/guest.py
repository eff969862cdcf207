# SPDX-License-Identifier: MIT
"""A guest in Python: DHCP, DNS and TCP over Ethernet frames."""

import ipaddress
import struct
import time

from frames import TCP, TIMEOUT, Address, Cable, Host, checksum, pseudo

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
WINDOW, SEGMENT = 65535, 1400
RESEND_AFTER = 0.5


class Guest(Host):
    def __init__(self, cable: Cable, **more: bytes):
        super().__init__(cable, **more)
        self.port = 40000
        self.connections: dict[tuple, "Connection"] = {}
        self.listening: dict[int, list["Connection"]] = {}
        self.handlers[TCP] = self.on_tcp

    # ---- configuration

    def dhcp(self) -> dict[int, bytes]:
        """Requests and accepts a lease. Returns the options of the acknowledgement; key 0 is the address, -1 the
        file."""
        nobody, everybody = ipaddress.IPv4Address(0), ipaddress.IPv4Address("255.255.255.255")
        head = struct.pack(">BBBBIHH", 1, 1, 6, 0, 0x5EED, 0, 0) + bytes(16) + self.mac + bytes(10 + 192)
        head += b"\x63\x82\x53\x63"

        def exchange(options: bytes) -> dict[int, bytes]:
            for _ in range(10):
                self.send_udp((nobody, 68), (everybody, 67), head + options + b"\xff")
                try:
                    _, data = self.receive_udp(68, 2.0)
                    break
                except TimeoutError:
                    continue
            else:
                raise TimeoutError("nobody leases addresses")
            result, rest = {0: data[16:20], -1: data[108:236].rstrip(b"\0")}, data[240:]
            while rest and rest[0] != 255:
                result[rest[0]] = result.get(rest[0], b"") + rest[2:2 + rest[1]]
                rest = rest[2 + rest[1]:]
            return result

        offer = exchange(b"\x35\x01\x01")
        assert offer[53] == b"\x02", "no offer"
        lease = exchange(b"\x35\x01\x03\x32\x04" + offer[0] + b"\x36\x04" + offer[54])
        assert lease[53] == b"\x05", "no acknowledgement"
        self.addresses.append(ipaddress.IPv4Address(lease[0]))
        self.routers[4] = ipaddress.IPv4Address(lease.get(3, offer[54])[:4])
        return lease

    def autoconfigure(self) -> Address:
        """Configures an IPv6 address from the router advertisement."""
        middle = bytes([self.mac[0] ^ 2]) + self.mac[1:3] + b"\xff\xfe" + self.mac[3:]
        local = ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + middle)
        self.addresses.append(local)
        self.send_icmp6(local, ipaddress.IPv6Address("ff02::2"), 133, bytes(4) + b"\x01\x01" + self.mac)
        self.wait(lambda: 6 in self.routers)
        mine = ipaddress.IPv6Address(self.prefix.network_address.packed[:8] + middle)
        self.addresses.insert(0, mine)
        return mine

    def mine(self, version: int) -> Address:
        return next(address for address in self.addresses if address.version == version)

    def look_up(self, name: str, server: Address) -> list[str]:
        """The IPv4 addresses of @name."""
        question = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0\0\1\0\1"
        self.port += 1
        self.send_udp((self.mine(4), self.port), (server, 53), struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question)
        _, data = self.receive_udp(self.port)
        rest, found = data[12 + len(question):], []
        for _ in range(int.from_bytes(data[6:8], "big")):
            found.append(str(ipaddress.IPv4Address(rest[12:16])))
            rest = rest[16:]
        return found

    # ---- TCP

    def connect(self, host: Address, port: int, timeout: float = TIMEOUT) -> "Connection":
        self.port += 1
        connection = Connection(self, (self.mine(host.version), self.port), (host, port))
        connection.send_segment(SYN)
        self.wait(lambda: connection.open or connection.reset, timeout)
        if connection.reset:
            raise ConnectionRefusedError(f"{host} port {port}")
        return connection

    def listen(self, port: int) -> None:
        self.listening[port] = []

    def accept(self, port: int) -> "Connection":
        self.wait(lambda: bool(self.listening[port]) and self.listening[port][0].open)
        return self.listening[port].pop(0)

    def on_tcp(self, source: Address, target: Address, data: bytes) -> None:
        from_port, to_port = struct.unpack(">HH", data[:4])
        connection = self.connections.get((source, from_port, to_port))
        if not connection and data[13] & SYN and to_port in self.listening:
            connection = Connection(self, (target, to_port), (source, from_port))
            self.listening[to_port].append(connection)
        if connection:
            connection.on_segment(data)


class Connection:
    """A TCP connection that acknowledges data in order, and retransmits."""

    def __init__(self, guest: Guest, mine: tuple[Address, int], other: tuple[Address, int]):
        self.guest, self.mine, self.other = guest, mine, other
        self.next = self.unacknowledged = 1000
        self.expected = 0
        self.open = self.reset = self.ended = self.closing = False
        self.data = bytearray()
        self.unsent = bytearray()     # from self.unacknowledged on
        self.window = SEGMENT
        self.pending = 0              # received segments without acknowledgement
        self.sent_at = 0.0
        guest.connections[(other[0], other[1], mine[1])] = self

    def send_segment(self, flags: int, payload: bytes = b"", number: int | None = None) -> None:
        options = b"\x02\x04\x05\xb4" if flags & SYN else b""
        head = struct.pack(">HHIIBBHHH", self.mine[1], self.other[1], self.next if number is None else number,
                           self.expected, (20 + len(options)) // 4 << 4, flags, WINDOW, 0, 0) + options
        size = len(head) + len(payload)
        total = checksum(pseudo(self.mine[0], self.other[0], TCP, size) + head + payload)
        self.guest.send_ip(self.mine[0], self.other[0], TCP, head[:16] + struct.pack(">H", total) + head[18:] + payload)
        self.pending = 0

    def on_segment(self, data: bytes) -> None:
        number, acknowledged = struct.unpack(">II", data[4:12])
        flags, self.window = data[13], int.from_bytes(data[14:16], "big")
        payload = data[data[12] >> 4 << 2:]
        if flags & RST:
            self.reset = True
            return
        if flags & SYN and not self.expected:
            self.expected = (number + 1) & 0xFFFFFFFF
            if flags & ACK:
                self.next = self.unacknowledged = self.next + 1
                self.open = True
                self.send_segment(ACK)
            else:
                self.send_segment(SYN | ACK)
                self.next += 1
            return
        if flags & ACK and acknowledged > self.unacknowledged:
            taken = acknowledged - self.unacknowledged
            if not self.open:
                self.open = True
                taken -= 1
            del self.unsent[:taken]
            self.unacknowledged = acknowledged
        if number == self.expected and (payload or flags & FIN):
            self.data += payload
            self.expected = (number + len(payload) + (flags & FIN)) & 0xFFFFFFFF
            self.ended = bool(flags & FIN)
            self.pending += 1
            if self.ended or self.pending >= 8 or self.guest.cable.idle():
                self.send_segment(ACK)
        elif payload:
            self.send_segment(ACK)

    def push(self) -> None:
        """Sends what the window allows, and retransmits after a timeout."""
        if self.next != self.unacknowledged and time.monotonic() > self.sent_at + RESEND_AFTER:
            self.next = self.unacknowledged
        while True:
            start = self.next - self.unacknowledged
            part = bytes(self.unsent[start:min(start + SEGMENT, self.window)])
            if not part:
                return
            self.send_segment(ACK | PSH, part)
            self.next += len(part)
            self.sent_at = time.monotonic()

    def send(self, data: bytes) -> None:
        """Sends data, and waits for the acknowledgement."""
        self.unsent += data
        end = time.monotonic() + TIMEOUT
        while self.unsent:
            self.push()
            self.guest.step(0.05)
            if self.reset or time.monotonic() > end:
                raise ConnectionResetError("the other end does not take it")

    def receive(self, size: int) -> bytes:
        """Receives @size bytes, or less at the end of the connection."""
        self.guest.wait(lambda: len(self.data) >= size or self.ended or self.reset)
        part = bytes(self.data[:size])
        del self.data[:size]
        return part

    def receive_all(self, timeout: float = 120.0) -> bytes:
        self.guest.wait(lambda: self.ended or self.reset, timeout)
        return bytes(self.data)

    def close(self) -> None:
        self.send_segment(FIN | ACK)
        self.next += 1
