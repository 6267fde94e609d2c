"""sunvai web: gunicorn with the Flask application."""

from __future__ import annotations

import os
import sys

import click

from ptm.settings import WebSettings, load_settings


@click.command()
def command() -> None:
    """Run the web process: the carrier's webhooks, the audio and the pages."""
    os.execv(sys.executable, gunicorn(load_settings().web, "ivr.wsgi:application"))


def gunicorn(web: WebSettings, application: str) -> list[str]:
    """Return the command that serves `application`."""
    # Threads, not processes, in the small form: a slow page must not hold up a webhook, and SQLite has one writer. On
    # PostgreSQL a process for each core, threads all the same: a webhook mostly waits for its commit (./scripts/bench).
    return [
        sys.executable, "-m", "gunicorn", "--bind", f"{web.host}:{web.port}", "--workers", str(web.workers),
        "--worker-class", "gthread", "--threads", str(web.threads), "--timeout", "60", "--graceful-timeout", "15",
        "--keep-alive", "30", "--no-control-socket", "--preload", application,
    ]  # fmt: skip
