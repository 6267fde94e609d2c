"""The call trees' pages: what happens in a call, drawn and told."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template, request
from markupsafe import Markup

from ivr.access import needs
from ivr.consoles.trees import queries
from ivr.trees.drawing import svg
from ivr.trees.timing import PULSE_S
from prompts.studio import Studio
from ptm.permissions import Permission

blueprint = Blueprint("trees", __name__, url_prefix="/trees", template_folder="templates")


@blueprint.get("/")
@needs(Permission.TREE_SEE)
def trees() -> str:
    """Every call tree, and whether anything is to be mended."""
    return render_template("trees/trees.html", trees=queries.load_all(_studio()), pulse_s=PULSE_S)


@blueprint.get("/<name>")
@needs(Permission.TREE_SEE)
def tree(name: str) -> str:
    """One tree: its drawing, how long its calls take, what is to be mended, and every word."""
    language = request.args.get("language", "en")
    if not queries.is_there(name) or language not in ("pa", "hi", "en"):
        abort(404)
    found = queries.load(name, _studio())
    if isinstance(found, queries.Broken):
        return render_template("trees/broken.html", broken=found)
    return render_template(
        "trees/tree.html", found=found, language=language, pulse_s=PULSE_S,
        drawing=Markup(svg(found.tree)),  # noqa: S704 - every word in it was escaped
        steps=queries.steps(found.tree, _studio(), language),
    )  # fmt: skip


def _studio() -> Studio:
    studio: Studio = current_app.extensions["voice"].studio
    return studio
