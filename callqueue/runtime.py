"""What every process is made of: settings, clock, database, vault, carrier, bells. One object, handed down."""

from __future__ import annotations

from functools import cached_property

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from callqueue.bells import Bells
from carrier.contract import Carrier
from carrier.plivo.client import Limits, PlivoCarrier
from carrier.plivo.wire import Budget
from ptm.accounts import MAIN_ACCOUNT, Account
from ptm.clock import Clock
from ptm.database import Database
from ptm.errors import CarrierUnavailable
from ptm.sealing import Vault
from ptm.settings import Settings


class Runtime:
    """The parts of one process, each made when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def clock(self) -> Clock:
        return self.settings.clock.clock()

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database.url, pool_size=max(10, self.settings.machine.dial_threads))

    @cached_property
    def vault(self) -> Vault:
        secrets = self.settings.secrets
        return Vault(secrets.data_key.get_secret_value(), [key.get_secret_value() for key in secrets.other_data_keys])

    @cached_property
    def impatient_redis(self) -> redis.Redis:
        """Redis for whatever works without it, too: a webhook or a page must not wait for one that is away or stuck."""
        # The client's own way would try for four seconds, and wait for ever for an answer.
        return redis.Redis.from_url(
            self.settings.redis.url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=1.0, socket_timeout=2.0
        )

    @cached_property
    def redis(self) -> redis.Redis:
        """Redis for a worker: it waits half a minute at a time for its next job, and for a host that is gone one."""
        return redis.Redis.from_url(self.settings.redis.url, socket_connect_timeout=5.0, socket_timeout=60.0)

    @cached_property
    def bells(self) -> Bells:
        # Whatever is not rung now the sweeper rings later.
        return Bells(self.impatient_redis, job_timeout_s=self.settings.machine.job_timeout_s)

    @cached_property
    def carrier(self) -> Carrier:
        """The main account at the carrier."""
        return self._enter(self.accounts[MAIN_ACCOUNT])

    @cached_property
    def accounts(self) -> dict[str, Account]:
        return {account.name: account for account in self.settings.accounts}

    def carrier_of(self, account: str) -> Carrier:
        """Return the carrier as one of the accounts knows it: only that one can be asked about its calls.

        Raises CarrierUnavailable for an account that the settings do not name any more.
        """
        if account == MAIN_ACCOUNT:
            return self.carrier
        if account not in self.accounts:
            raise CarrierUnavailable(f"carrier.accounts names no {account!r} any more: its calls cannot be asked about")
        if account not in self._others:
            self._others[account] = self._enter(self.accounts[account])
        return self._others[account]

    def carrier_behind(self, url: str) -> Carrier:
        """Return the account that a recording's address names (/v1/Account/<id>/...), the main one for any other."""
        owners = (name for name, account in self.accounts.items() if f"/Account/{account.auth_id}/" in url)
        return self.carrier_of(next(owners, MAIN_ACCOUNT))

    @cached_property
    def _others(self) -> dict[str, Carrier]:
        return {}

    def _enter(self, account: Account) -> Carrier:
        told = self.settings.carrier
        return PlivoCarrier(
            auth_id=account.auth_id,
            auth_token=account.auth_token,
            api_url=account.api_url,
            limits=Limits(dial=Budget(connect_s=told.connect_timeout_s, total_s=told.read_timeout_s)),
        )
