"""What stands between people and us: proxies on other machines, and whom they saw."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def trust(app: Flask, proxies: int) -> None:
    """Let the peer of a request be whom the outermost of so many proxies saw.

    Each of them adds one entry to X-Forwarded-For; what stood there before is the client's own claim. Nothing else that
    a proxy says is believed: our address stands in the settings.
    """
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0)  # type: ignore[method-assign]
