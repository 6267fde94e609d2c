"""A small customer on a port: answers XML by path, keeps every request, and asks the SDK whether it was signed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from plivo.utils import validate_v3_signature

from tests.contract.exchange import AUTH_TOKEN


@dataclass
class Customer:
    url: str
    documents: dict[str, str] = field(default_factory=dict)
    sounds: dict[str, bytes] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)  # by path: where a call stands after that answer
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)

    def got(self, path: str) -> list[dict[str, str]]:
        return [form for heard, form in self.heard if heard == path]

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.heard]

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[str, bytes]:
        path = urlsplit(url).path.strip("/")
        if path in self.sounds:
            return "audio/wav", self.sounds[path]
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        nonce, signature = headers.get("X-Plivo-Signature-V3-Nonce", ""), headers.get("X-Plivo-Signature-V3", "")
        if not validate_v3_signature(method, self.url + url, nonce, AUTH_TOKEN, signature, dict(form)):
            self.unsigned.append(url)
        self.heard.append((path, form))
        return "application/xml", f"<Response>{self.documents.get(path, '')}</Response>".encode()


@contextmanager
def opened_customer() -> Iterator[Customer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kind, content = customer.answer(self.command, self.path, dict(self.headers), body)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if node := customer.nodes.get(urlsplit(self.path).path.strip("/")):
                self.send_header("X-Sunvai-Node", node)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    customer = Customer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield customer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
