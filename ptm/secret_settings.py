"""Secrets: they stand in the environment only, and no message ever shows one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr, field_validator

from ptm.section import Section

SECRETS = {
    "auth_id": "PLIVO_AUTH_ID",
    "auth_token": "PLIVO_AUTH_TOKEN",
    "secret_key": "SUNVAI_SECRET_KEY",
    "data_key": "SUNVAI_DATA_KEY",
}
# Each further account has its own, with its name in capitals behind: PLIVO_AUTH_ID__NORTH.
ACCOUNT_SECRETS = {key: SECRETS[key] for key in ("auth_id", "auth_token")}
# Comma-separated data keys that are known beside the present one while it is being changed.
OTHER_DATA_KEYS = "SUNVAI_OTHER_DATA_KEYS"
ENVIRONMENT_ONLY = SECRETS | {"other_data_keys": OTHER_DATA_KEYS}
SHORTEST_SECRET = 16


class AccountSecrets(Section):
    """How a further account of the carrier is entered."""

    auth_id: SecretStr
    auth_token: SecretStr

    @field_validator("auth_id", "auth_token")
    @classmethod
    def _is_long_enough(cls, value: SecretStr) -> SecretStr:
        return _long_enough(value)


class Secrets(Section):
    auth_id: SecretStr
    auth_token: SecretStr
    secret_key: SecretStr
    data_key: SecretStr
    other_data_keys: tuple[SecretStr, ...] = ()
    accounts: Mapping[str, AccountSecrets] = {}

    @field_validator("auth_id", "auth_token", "secret_key", "data_key")
    @classmethod
    def _is_long_enough(cls, value: SecretStr) -> SecretStr:
        return _long_enough(value)

    @field_validator("other_data_keys")
    @classmethod
    def _are_long_enough(cls, values: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for value in values:
            _long_enough(value)
        return values


def read_secrets(tree: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the secrets that the environment holds, those of the accounts in `tree` too; empty where it has none."""
    others = environ.get(OTHER_DATA_KEYS, "").split(",")
    return {key: environ.get(name, "") for key, name in SECRETS.items()} | {
        "other_data_keys": [key.strip() for key in others if key.strip()],
        "accounts": _account_secrets(tree, environ),
    }


def variable_of(place: list[str]) -> str | None:
    """Return the environment variable that a key of [secrets] is read from, None for any other place."""
    if place[:2] == ["secrets", "accounts"] and len(place) > 3:
        return of_account(ACCOUNT_SECRETS[place[3]], place[2])
    return ENVIRONMENT_ONLY[place[1]] if place[:1] == ["secrets"] and len(place) > 1 else None


def of_account(variable: str, account: object) -> str:
    """Return the name of an account's own variable."""
    return f"{variable}__{str(account).upper()}"


def _account_secrets(tree: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return what the environment holds for each account that the settings name, empty where it holds nothing."""
    carrier = tree.get("carrier")
    accounts = carrier.get("accounts") if isinstance(carrier, dict) else None
    listed = accounts if isinstance(accounts, list) else []
    names = [account["name"] for account in listed if isinstance(account, dict) and "name" in account]
    return {
        str(name): {key: environ.get(of_account(variable, name), "") for key, variable in ACCOUNT_SECRETS.items()}
        for name in names
    }


def _long_enough(value: SecretStr) -> SecretStr:
    if not value.get_secret_value():
        raise ValueError("is not set: export it before anything is started")
    if len(value.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"is shorter than {SHORTEST_SECRET} characters")
    return value
