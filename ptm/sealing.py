"""Phone numbers at rest: sealed for those who may dial, findable without being readable.

The seal is AES-GCM and begins with the id of its key, so that the key can be changed while calls go on; the index is a
keyed hash, so that two imports of one number meet while a stolen table tells nothing without the key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute

from ptm.errors import SettingsError
from ptm.models import PhoneNumber

KEY_ID_BYTES = 4
NONCE_BYTES = 12


class Vault:
    """Seals and finds numbers with keys derived from SUNVAI_DATA_KEY; opens what the other keys sealed, too."""

    def __init__(self, data_key: str, other_keys: Iterable[str] = ()) -> None:
        self._key = _Key(data_key)
        self._by_id = {key.id: key for key in (*map(_Key, other_keys), self._key)}

    @property
    def is_changing_key(self) -> bool:
        """Say whether there may be numbers that were sealed with another key than the present one."""
        return len(self._by_id) > 1

    def seal(self, msisdn: str) -> bytes:
        return self._key.seal(msisdn)

    def unseal(self, sealed: bytes) -> str:
        """Return the number. Raises SettingsError when none of the keys is the one it was sealed with."""
        key = self._by_id.get(sealed[:KEY_ID_BYTES])
        if key is None:
            raise SettingsError(
                "SUNVAI_DATA_KEY is not the key that these numbers were sealed with; name the one that is in "
                "SUNVAI_OTHER_DATA_KEYS, then run `sunvai db reseal`"
            )
        return key.unseal(sealed)

    def is_present(self, sealed: bytes) -> bool:
        """Say whether a number was sealed with the present key."""
        return sealed[:KEY_ID_BYTES] == self._key.id

    def is_outdated(self, sealed: InstrumentedAttribute[bytes] = PhoneNumber.sealed_msisdn) -> ColumnElement[bool]:
        """Return the condition that finds rows which were sealed with another key."""
        return func.substr(sealed, 1, KEY_ID_BYTES, type_=sealed.type) != self._key.id

    def knows(self, sealed: bytes) -> bool:
        """Say whether a number can be unsealed."""
        return sealed[:KEY_ID_BYTES] in self._by_id

    def index(self, msisdn: str) -> str:
        return self._key.index(msisdn)

    def phone_number(self, msisdn: str, *, household_id: int, position: int) -> PhoneNumber:
        """Return the row under which a household's number is kept."""
        return PhoneNumber(
            household_id=household_id,
            position=position,
            sealed_msisdn=self.seal(msisdn),
            msisdn_index=self.index(msisdn),
            last4=msisdn[-4:],
        )


class _Key:
    """What is derived from one data key: a cipher, an index, and an id that tells nothing of it."""

    def __init__(self, data_key: str) -> None:
        self.id = _derive(data_key, b"sunvai key id v1")[:KEY_ID_BYTES]
        self._cipher = AESGCM(_derive(data_key, b"sunvai seal v1"))
        self._index_key = _derive(data_key, b"sunvai index v1")

    def seal(self, msisdn: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return self.id + nonce + self._cipher.encrypt(nonce, msisdn.encode("ascii"), self.id)

    def unseal(self, sealed: bytes) -> str:
        nonce, body = sealed[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES], sealed[KEY_ID_BYTES + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, self.id).decode("ascii")
        except (InvalidTag, ValueError):
            raise SettingsError("a sealed number is damaged: restore it from a backup") from None

    def index(self, msisdn: str) -> str:
        return hmac.new(self._index_key, msisdn.encode("ascii"), hashlib.sha256).hexdigest()


def _derive(data_key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(data_key.encode())
