"""Where the prompts' pages lie; each module of this folder adds its own."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("voices", __name__, url_prefix="/prompts", template_folder="templates")
