"""Clips for the carrier. A name is the hash of its content, so whoever has fetched one may keep it for ever."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, send_from_directory

from prompts.clips import CLIP_NAME

blueprint = Blueprint("audio", __name__, url_prefix="/audio")
ONE_YEAR_S = 31_536_000


@blueprint.get("/<name>")
def clip(name: str) -> Response:
    """Send one clip. The name cannot be guessed: it is a hash of the sound itself."""
    if not CLIP_NAME.fullmatch(name):
        abort(404)
    folder = current_app.extensions["voice"].runtime.settings.storage.clips.absolute()
    response = send_from_directory(folder, name, mimetype="audio/wav", max_age=ONE_YEAR_S, conditional=True)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response
