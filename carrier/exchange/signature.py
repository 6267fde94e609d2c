"""How the carrier signs what it sends: V3 over URL and parameters, V2 over the URL alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlparse

Params = Sequence[tuple[str, str]]


def fresh_nonce() -> str:
    """Return a new nonce of twenty digits."""
    return "".join(secrets.choice("0123456789") for _ in range(20))


def sign_v3(method: str, url: str, params: Params, token: str, nonce: str) -> str:
    """Sign a request: method, URL as called (a fragment is ignored) and the parameters of its form body."""
    return _hmac(token, f"{_message_v3(method, url, params)}.{nonce}")


def sign_v2(url: str, token: str, nonce: str) -> str:
    """Sign a request the old way: only scheme, host and path count."""
    return _hmac(token, _base(url) + nonce)


def headers(
    method: str, url: str, params: Params, tokens: Sequence[str], main_token: str, nonce: str
) -> dict[str, str]:
    """Return all signature headers; `tokens` are the live tokens of the calling account, the main one's apart."""
    v3 = ",".join(sign_v3(method, url, params, token, nonce) for token in tokens)
    v2 = ",".join(sign_v2(url, token, nonce) for token in tokens)
    return {
        "X-Plivo-Signature-V3": v3,
        "X-Plivo-Signature-Ma-V3": sign_v3(method, url, params, main_token, nonce),
        "X-Plivo-Signature-V3-Nonce": nonce,
        "X-Plivo-Signature-V2": v2,
        "X-Plivo-Signature-Ma-V2": sign_v2(url, main_token, nonce),
        "X-Plivo-Signature-V2-Nonce": nonce,
    }


def _hmac(token: str, message: str) -> str:
    return base64.b64encode(hmac.new(token.encode(), message.encode(), hashlib.sha256).digest()).decode()


def _base(url: str) -> str:
    parts = urlparse(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _message_v3(method: str, url: str, params: Params) -> str:
    query = "&".join(f"{key}={value}" for key, value in sorted(parse_qsl(urlparse(url).query, keep_blank_values=True)))
    if method == "GET" or not params:
        return _base(url) + (f"?{query}" if query else "")
    # Plivo leaves the question mark and drops the dot when there is no query; its own validator insists on it.
    return f"{_base(url)}?{query}{'.' if query else ''}" + "".join(key + value for key, value in sorted(params))
