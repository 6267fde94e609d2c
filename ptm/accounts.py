"""The accounts at the carrier: the main one and further ones, each with its number, lines, rate and secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, model_validator

from ptm.secret_settings import ACCOUNT_SECRETS, AccountSecrets, of_account
from ptm.section import Positive, Section

# The account that [carrier] itself describes; [[carrier.accounts]] name theirs.
MAIN_ACCOUNT = "main"
ApiUrl = Annotated[str, Field(pattern=r"^https?://")]
CallerId = Annotated[str, Field(pattern=r"^91\d{8,10}$")]


class AccountSettings(Section):
    """A further account at the carrier, with its own number, lines and rate. A tenth of its lines is kept free."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    caller_id: CallerId
    lines: Annotated[int, Field(ge=1)]
    calls_per_second: Positive
    reserved_lines: Annotated[int, Field(ge=0)] | None = None
    api_url: ApiUrl | None = None

    @property
    def kept_free(self) -> int:
        return self.lines // 10 if self.reserved_lines is None else self.reserved_lines

    @model_validator(mode="after")
    def _leaves_lines_to_dial_with(self) -> AccountSettings:
        if self.kept_free >= self.lines:
            raise ValueError(f"reserved_lines ({self.kept_free}) must be fewer than lines ({self.lines})")
        return self


@dataclass(frozen=True)
class Account:
    """One account at the carrier: how it is entered, what it shows to parents, what was bought."""

    name: str
    auth_id: str = field(repr=False)
    auth_token: str = field(repr=False)
    api_url: str
    caller_id: str
    lines: int
    reserved_lines: int
    calls_per_second: float


def further_account(told: AccountSettings, secrets: AccountSecrets, api_url: str) -> Account:
    """Return an account with its secrets; `api_url` is the main one's, for an account that names none."""
    return Account(
        told.name, secrets.auth_id.get_secret_value(), secrets.auth_token.get_secret_value(), told.api_url or api_url,
        told.caller_id, told.lines, told.kept_free, told.calls_per_second,
    )  # fmt: skip


def secrets_of(account: str) -> tuple[str, ...]:
    """Return the names of the environment variables that an account is entered with."""
    names = tuple(ACCOUNT_SECRETS.values())
    return names if account == MAIN_ACCOUNT else tuple(of_account(name, account) for name in names)
