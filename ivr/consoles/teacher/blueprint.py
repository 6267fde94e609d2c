"""Where a teacher's pages lie; each module of this folder adds its own."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("teacher", __name__, url_prefix="/teacher", template_folder="templates")
