"""The exchange as a process: its loop in the main thread, its HTTP server beside it, both stopped together."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import replace

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from .clock import ClockLoop
from .errors import BadSettings, ExchangeError
from .exchange import Exchange, Plan, Rules
from .population import Population
from .rest.app import create_app
from .transport import HttpTransport

_POLL_S = 0.1  # how long a stop may go unnoticed


class _Quiet(WSGIRequestHandler):
    """A request log would drown the journal's story."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class Server:
    """An exchange on a port. `serve` returns when `stop` is called, from any thread, or a signal asks for it."""

    def __init__(
        self, plan: Plan, population: Population, loop: ClockLoop, host: str, port: int, rules: Rules | None = None
    ) -> None:
        self._loop = loop
        self._transport = HttpTransport(loop.pace)
        self._socket = _listening(host, port)
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        try:
            plan = replace(plan, public_url=plan.public_url or self.url)
            self.exchange = Exchange(plan, population, loop, self._transport, rules)
        except ExchangeError:
            self._socket.close()
            raise
        self._http = self._http_server(host)

    def _http_server(self, host: str) -> BaseWSGIServer:
        app = create_app(self.exchange)
        fd = self._socket.fileno()
        return make_server(host, 0, app, threaded=True, request_handler=_Quiet, fd=fd)

    def serve(self, ready: Callable[[], None] = lambda: None) -> None:
        """Run until stopped. Signals are heard where this is the main thread."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.add_signal_handler(number, self._loop.stop)
        web = threading.Thread(
            target=self._http.serve_forever, args=(_POLL_S,), name="exchange-http-server", daemon=True
        )
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.call_soon(self.exchange.start)
            self._loop.call_soon(web.start)
            self._loop.call_soon(ready)
            self._loop.run_forever()
        finally:
            self._close(web)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _close(self, web: threading.Thread) -> None:
        # New requests end first; those under way may still ask the loop, so it runs until the server is down.
        self.exchange.closing.set()
        self._loop.pace.hold()
        self._loop.run_until_complete(self._loop.run_in_executor(None, self._shut, web))
        self._loop.run_until_complete(self.exchange.stop())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._transport.close()
        asyncio.set_event_loop(None)
        self._loop.close()

    def _shut(self, web: threading.Thread) -> None:
        if web.is_alive():
            self._http.shutdown()
            web.join()
        self._http.server_close()
        self._socket.close()


def _listening(host: str, port: int) -> socket.socket:
    """Raises BadSettings."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise BadSettings(f"--host {host} --port {port}: {error.strerror}; name another, or 0 for a free one") from None
    return listening
