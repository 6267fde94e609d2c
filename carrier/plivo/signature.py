"""Plivo's V3 webhook signature: our own signer and check.

The SDK's check raises on non-ASCII queries, compares in variable time, accepts an empty token and splits the header
without stripping spaces. This one answers True or False, whatever is thrown at it.

The signature joins names and values without separators, so it cannot tell `{"a": "bc"}` from `{"ab": "c"}`:
`carrier.plivo.webhooks` refuses what the signature alone lets through.
"""

from __future__ import annotations

import hmac
import re
from binascii import b2a_base64
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote_plus

from ptm.errors import SettingsError

SIGNATURE_HEADER = "X-Plivo-Signature-V3"
MAIN_ACCOUNT_SIGNATURE_HEADER = "X-Plivo-Signature-Ma-V3"
NONCE_HEADER = "X-Plivo-Signature-V3-Nonce"

Params = Mapping[str, str | Sequence[str]]

# The nonce is signed after a dot: one that contains a dot could have swallowed the end of the body ("TotalCost0.01").
_is_nonce = re.compile(r"[!-\-/-~]{1,128}").fullmatch


def sign_v3(method: str, url: str, nonce: str, token: str, params: Params | None = None) -> str:
    """Return the base64 signature of a webhook: `params` is the decoded form of a POST, a repeated name has a list.

    Raises ValueError for a method that Plivo does not use and for a GET with a form.
    """
    return _signature(_message(method, url, nonce, params or {}), token.encode()).decode("ascii")


def signed_by(
    tokens: Iterable[str],
    method: str,
    url: str,
    nonce: str | None,
    signatures: str | None,
    params: Params | None = None,
) -> bool:
    """Whether one of the comma-separated `signatures` is that of one of the tokens.

    Never raises; an empty token never matches.
    `url` is the public one as Plivo was given it; its fragment is ignored, its case, port and slashes count.
    """
    keys = [token.encode("utf-8", "surrogatepass") for token in tokens if token]
    return bool(_signers(keys, method, url, nonce, signatures, params or {}))


class WebhookVerifier:
    """Knows the live auth tokens (several while they rotate) and says whether a webhook comes from Plivo."""

    def __init__(self, tokens: Sequence[str]) -> None:
        """Raises SettingsError without a token, or with an empty one: everybody could sign with that."""
        if isinstance(tokens, str) or not tokens or not all(token.strip() for token in tokens):
            raise SettingsError("PLIVO_AUTH_TOKEN is empty: set it to the auth token shown in the Plivo console")
        self._keys = [token.encode("utf-8", "surrogatepass") for token in tokens]

    def accepts(self, method: str, url: str, headers: Mapping[str, str], params: Params | None = None) -> bool:
        """Whether the plain or the main account's signature header fits. Never raises."""
        return bool(self.signers(method, url, headers, params))

    def signers(
        self, method: str, url: str, headers: Mapping[str, str], params: Params | None = None
    ) -> frozenset[int]:
        """Return which tokens, by their place, may have signed; nobody's signature is an empty set. Never raises.

        `headers` looks names up as its own class does: pass the framework's case-insensitive mapping. In the header of
        the main account its token, the first, signs for all accounts below it.
        """
        nonce = headers.get(NONCE_HEADER)
        form = params or {}
        if found := _signers(self._keys, method, url, nonce, headers.get(SIGNATURE_HEADER), form):
            return frozenset(found)
        of_main = _signers(self._keys, method, url, nonce, headers.get(MAIN_ACCOUNT_SIGNATURE_HEADER), form)
        return frozenset(range(len(self._keys)) if 0 in of_main else of_main)


def _signers(
    keys: list[bytes], method: str, url: str, nonce: str | None, signatures: str | None, params: Params
) -> list[int]:
    if not signatures or not nonce or not _is_nonce(nonce):
        return []
    try:
        message = _message(method, url, nonce, params)
    except ValueError:
        return []
    given = [part.strip().encode("utf-8", "surrogatepass") for part in signatures.split(",")]
    found = []
    for at, key in enumerate(keys):
        ours, matches = _signature(message, key), False
        for theirs in given:
            matches |= hmac.compare_digest(ours, theirs)
        if matches:
            found.append(at)
    return found


def _signature(message: bytes, key: bytes) -> bytes:
    return b2a_base64(hmac.digest(key, message, "sha256"), newline=False)


def _message(method: str, url: str, nonce: str, params: Params) -> bytes:
    """Join what is signed: `scheme://host/path?`, sorted decoded query, dot, sorted form, dot, nonce.

    Without a form there is no dot, and without a query no question mark; with a form the question mark always stands.
    """
    if method != "POST" and (method != "GET" or params):
        raise ValueError(f"Plivo does not send {method} webhooks" if method != "GET" else "a GET webhook has no form")
    base, _, query = url.partition("#")[0].partition("?")
    pairs = _sorted_query(query) if query else ""
    if params:
        text = f"{base}?{pairs}{'.' if pairs else ''}{_sorted_form(params)}.{nonce}"
    else:
        text = f"{base}{'?' if pairs else ''}{pairs}.{nonce}"
    return text.encode("utf-8", "surrogatepass")


def _sorted_query(query: str) -> str:
    pieces = [piece.partition("=") for piece in query.split("&") if piece]
    if "%" in query or "+" in query:
        pairs = sorted((unquote_plus(name), unquote_plus(value)) for name, _, value in pieces)
    else:
        pairs = sorted((name, value) for name, _, value in pieces)
    return "&".join([f"{name}={value}" for name, value in pairs])


def _sorted_form(params: Params) -> str:
    parts: list[str] = []
    for name in sorted(params):
        value = params[name]
        if isinstance(value, str):
            parts += (name, value)
        else:
            for each in sorted(value):
                parts += (name, each)
    return "".join(parts)
