"""sunvai pacer: the loop that claims calls and sweeps."""

from __future__ import annotations

import logging

import click

from callqueue import pacer
from callqueue.runtime import Runtime
from ptm.settings import load_settings


@click.command()
def command() -> None:
    """Run the pacer until it is stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    pacer.run(Runtime(load_settings()))
