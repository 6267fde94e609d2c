"""A leader's page: who was reached, school by school, and above all who was not."""

from __future__ import annotations

from flask import abort, render_template, request

from ivr.access import needs
from ivr.consoles.leader import queries
from ivr.consoles.leader.blueprint import blueprint
from ivr.consoles.looking import record_look
from ivr.consoles.urgent import count_urgent
from ivr.session import actor, runtime
from ptm.permissions import Permission, may_everywhere


@blueprint.get("/")
@needs(Permission.PARTICIPATION_COUNT)
def participation() -> str:
    """How many families of my area were reached in a round: the newest, unless another is asked for."""
    wanted = request.args.get("round", type=int)
    with runtime().database.reading_session() as session:
        rounds = queries.load_rounds(session, actor())
        chosen = next((one for one in rounds if wanted in (None, one.id)), None)
        if wanted is not None and chosen is None:
            abort(404)
        counts = queries.load_reached(session, actor(), chosen.id) if chosen else None
        urgent = count_urgent(session, actor(), Permission.PARTICIPATION_COUNT)
        may_stop = may_everywhere(session, actor(), Permission.DIALING_STOP)
    if chosen:
        record_look("participation.open", "round", chosen.id)
    return render_template(
        "leader/participation.html", rounds=rounds, chosen=chosen, counts=counts, may_stop=may_stop, urgent=urgent
    )
