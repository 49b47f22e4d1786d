"""A receiver of webhooks that behaves as badly as a test needs, and remembers everything that reached it.

It verifies each signature by itself (hmac and base64 of Python, not the program's code).
"""
from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@dataclass
class Request:
    method: str
    path: str
    fields: dict[str, str]
    body: bytes
    status: int  # what was answered; 0: nothing whole
    at: float

    @property
    def id(self) -> str:
        return self.fields.get("webhook-id", "")

    @property
    def data(self) -> dict:
        return json.loads(self.body)["data"]


@dataclass
class Behaviour:
    """What is answered. `hang`: nothing, for so many seconds; `cut`: the connection ends amid the response."""
    status: int = 200
    fields: dict[str, str] = field(default_factory=dict)
    hang: float = 0
    cut: bool = False


def signature_holds(request: Request, secret: str = SECRET) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{request.id}.{request.fields.get('webhook-timestamp')}.".encode() + request.body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - int(request.fields.get("webhook-timestamp", 0))) < 300
    return fresh and hmac.compare_digest(wanted, request.fields.get("webhook-signature", ""))


class Receiver:
    """Listens from the start on; `behave` decides on each request, by its place and content."""

    def __init__(self, behave: Callable[[int, Request], Behaviour] = lambda *_: Behaviour(), port: int = 0,
                 certificate: tuple[Path, Path] | None = None):
        self.requests: list[Request] = []
        self.connections: list[socket.socket] = []
        self.lock = threading.Lock()
        self.behave = behave
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # a response is one packet

            def do_POST(self) -> None:
                receiver.answer(self)

            do_DELETE = do_POST

            def setup(self) -> None:
                super().setup()
                receiver.connections.append(self.connection)

            def log_message(self, *_) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_) -> None:
                pass  # a client that went away

        self.server = Server(("127.0.0.1", port), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if certificate else 'http'}://localhost:{self.port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        fields = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, handler.path, fields, body, 0, time.monotonic())
        with self.lock:
            behaviour = self.behave(len(self.requests), request)
            if not behaviour.hang and not behaviour.cut:
                request.status = behaviour.status
            self.requests.append(request)
        if behaviour.hang:
            time.sleep(behaviour.hang)
        if behaviour.hang or behaviour.cut:
            if behaviour.cut:
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
                handler.wfile.flush()
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        handler.send_response(behaviour.status)
        for name, value in behaviour.fields.items():
            handler.send_header(name, value)
        content = b"" if behaviour.status == 204 else b"{}"
        if content:
            handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def taken(self) -> list[Request]:
        """What was answered with a success."""
        with self.lock:
            return [request for request in self.requests if 200 <= request.status < 300]
