"""The pages, one folder per role, each of the same shape: views, queries, forms, templates."""

from __future__ import annotations

from flask import Flask

from ivr.consoles import account, analyst, leader, operator, teacher, trees, voices, words


def register(app: Flask) -> None:
    """Add every console to `app`."""
    words.register(app)
    for console in (account, teacher, analyst, leader, operator, voices, trees):
        app.register_blueprint(console.blueprint)
