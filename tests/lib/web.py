# SPDX-License-Identifier: MIT
"""A web server with one file, and a guest that fetches it."""

import http.server
import threading
from contextlib import contextmanager
import socket
from typing import Any, Iterator

from guest import Guest
from vintage_test import matches


@contextmanager
def http_server(address: str, content: bytes) -> Iterator[int]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(http.server.HTTPServer):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

    server = Server((address, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def fetch(guest: Guest, host: Any, port: int) -> bytes:
    connection = guest.connect(host, port)
    connection.send(b"GET /file HTTP/1.0\r\nHost: there\r\n\r\n")
    head, _, body = connection.receive_all(480.0).partition(b"\r\n\r\n")
    matches(head.decode(), r"\AHTTP/1\.0 200")
    return body
