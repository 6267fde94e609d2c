"""sunvai web: gunicorn with the Flask application."""

from __future__ import annotations

import os
import sys

import click

from ptm.settings import load_settings


@click.command()
def command() -> None:
    """Run the web process: the carrier's webhooks, the audio and the pages."""
    web = load_settings().web
    # Threads, not processes, in the small form: a slow page must not hold up a webhook, and SQLite has one writer.
    os.execv(
        sys.executable,
        [
            sys.executable, "-m", "gunicorn", "--bind", f"{web.host}:{web.port}", "--workers", str(web.workers),
            "--worker-class", "gthread", "--threads", str(web.threads), "--timeout", "60", "--graceful-timeout", "15",
            "--keep-alive", "30", "--no-control-socket", "--preload", "ivr.wsgi:application",
        ],
    )  # fmt: skip
