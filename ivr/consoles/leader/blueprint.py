"""Where a leader's pages lie; each module of this folder adds its own."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("leader", __name__, url_prefix="/leader", template_folder="templates")
