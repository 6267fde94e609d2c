"""What a browser is told and asked: cookies, headers on every response, tokens in every form."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_wtf import CSRFProtect

from ivr import access
from ptm.settings import Settings

# No inline script, no inline style, nothing from elsewhere, no frame around us.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONE_YEAR_S = 31_536_000


def secure(app: Flask, settings: Settings) -> None:
    """Give `app` its cookies, its gate, its form tokens and its headers, in this order."""
    is_https = settings.web.public_url.startswith("https://")
    app.config.update(_cookie_settings(is_https))
    # The gate comes before the token: a form sent after the session ended leads to the sign-in page, not to an error.
    app.before_request(access.check)
    # Imported late: consoles use this module, and the voice uses a console's words.
    from ivr.voice import webhooks

    CSRFProtect(app).exempt(webhooks.blueprint)
    app.after_request(_headers(is_https))


def let_use_the_microphone(page: Response) -> Response:
    """Let this one page ask the browser for its microphone; all others may not."""
    page.headers["Permissions-Policy"] = HEADERS["Permissions-Policy"].replace("microphone=()", "microphone=(self)")
    return page


def _cookie_settings(is_https: bool) -> dict[str, Any]:
    return {
        # The prefix makes browsers refuse the cookie from any other host, path or plain connection.
        "SESSION_COOKIE_NAME": "__Host-sunvai" if is_https else "sunvai",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        # A token lives as long as its session: a form left open over lunch still works.
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _headers(is_https: bool) -> Any:
    headers = dict(HEADERS)
    if is_https:
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR_S}; includeSubDomains"

    def add(response: Response) -> Response:
        # Looked up once: asking for each of them by itself costs a webhook a tenth of its time.
        present = {name.lower() for name, _ in response.headers}
        for name, value in headers.items():
            if name.lower() not in present:
                response.headers.add(name, value)
        if request.blueprint not in access.MACHINE_BLUEPRINTS and request.endpoint != "static":
            # Pages show families: no copy of them stays on a shared computer or in a proxy.
            response.headers["Cache-Control"] = "no-store"
        return response

    return add
