"""For whoever watches a call: an answer says in a header which node of which tree the call stands at.

Only where `web.name_nodes` asks for it, as the demonstration does: it costs a look into the database for each answer.
"""

from __future__ import annotations

import json

from flask import Flask, Response, request
from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.exc import SQLAlchemyError

from callqueue.runtime import Runtime
from ivr.voice.conversation import parsed
from ptm.models import Attempt, InboundCall, TreeVersion

HEADER = "X-Sunvai-Node"


def register(app: Flask, runtime: Runtime) -> None:
    """Let every answer to a call of `app` name its node."""

    def name_node(response: Response) -> Response:
        if response.mimetype == "application/xml":
            try:
                with runtime.database.reading() as tx:
                    node = _node(tx, (request.view_args or {}).get("token", ""), request.form.get("CallUUID", ""))
            except SQLAlchemyError:
                node = ""  # whoever listens hears an apology; whoever watches sees no node
            if node:
                response.headers[HEADER] = node
        return response

    app.after_request(name_node)


def _node(tx: Connection, token: str, call_uuid: str) -> str:
    """Return tree and node, as in `ptm/greeting`, of a call of ours or of one that came in; empty when it has none."""
    ours = _standing(tx, Attempt, Attempt.token == token)
    return ours or _standing(tx, InboundCall, InboundCall.call_uuid == call_uuid)


def _standing(tx: Connection, table: type[Attempt | InboundCall], is_it: ColumnElement[bool]) -> str:
    row = tx.execute(
        select(table.session, TreeVersion.definition)
        .join(TreeVersion, TreeVersion.hash == table.tree_hash)
        .where(is_it, table.session.is_not(None))
    ).first()
    return f"{parsed(row.definition).name}/{json.loads(row.session or '')['node']}" if row else ""
