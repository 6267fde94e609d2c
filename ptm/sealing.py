"""Phone numbers at rest: sealed for those who may dial, findable without being readable.

The seal is AES-GCM; the index is a keyed hash, so that two imports of
one number meet while a stolen table tells nothing without the key.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ptm.errors import SettingsError
from ptm.models import PhoneNumber

NONCE_BYTES = 12


class Vault:
    """Seals and finds numbers with keys derived from SUNVAI_DATA_KEY."""

    def __init__(self, data_key: str) -> None:
        self._cipher = AESGCM(_derive(data_key, b"sunvai seal v1"))
        self._index_key = _derive(data_key, b"sunvai index v1")

    def seal(self, msisdn: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, msisdn.encode("ascii"), None)

    def unseal(self, sealed: bytes) -> str:
        """Return the number. Raises SettingsError when the data key is not the one it was sealed with."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode("ascii")
        except InvalidTag:
            raise SettingsError("SUNVAI_DATA_KEY is not the key that these numbers were sealed with") from None

    def index(self, msisdn: str) -> str:
        return hmac.new(self._index_key, msisdn.encode("ascii"), hashlib.sha256).hexdigest()

    def phone_number(self, msisdn: str, *, household_id: int, position: int) -> PhoneNumber:
        """Return the row under which a household's number is kept."""
        return PhoneNumber(
            household_id=household_id,
            position=position,
            sealed_msisdn=self.seal(msisdn),
            msisdn_index=self.index(msisdn),
            last4=msisdn[-4:],
        )


def _derive(data_key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(data_key.encode())
