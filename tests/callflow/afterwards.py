"""What stands in the tables when a call that came in is over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ptm.models import (
    Batch,
    Call,
    CallbackRequest,
    Consent,
    Household,
    InboundEvent,
    PromptOrder,
    PutThrough,
    Recording,
    SchoolClass,
    Suggestion,
    TeacherLine,
    VoiceMessage,
)
from tests.callflow.caller import Caller


def found_of(phone: Caller) -> dict[str, Any]:
    """Return it in the words of the files; see README.md."""
    row, now = phone.row(), phone.stage.clock.now()
    with phone.stage.runtime.database.reading() as tx:
        call = tx.execute(select(Call.__table__).where(Call.household_id == phone.household_id)).first()
        home = tx.execute(select(Household.__table__).where(Household.id == phone.household_id)).first()
        consents = tx.execute(select(Consent.__table__).where(Consent.inbound_id == row.id).order_by(Consent.id)).all()
        recordings = tx.execute(
            select(Recording.state, Recording.language, Recording.purpose, Suggestion.school_id, Suggestion.call_id)
            .outerjoin(Suggestion, Suggestion.recording_id == Recording.id)
            .where(Recording.inbound_id == row.id)
            .order_by(Recording.id)
        ).all()
        wishes = select(CallbackRequest.reason).where(CallbackRequest.household_id == phone.household_id)
        messages = select(VoiceMessage.class_id).where(VoiceMessage.user_id == phone.teacher_id)
        line = tx.execute(select(TeacherLine.__table__).where(TeacherLine.user_id == phone.teacher_id)).first()
        orders = tx.execute(
            select(PromptOrder.__table__).where(PromptOrder.user_id == phone.teacher_id).order_by(PromptOrder.id)
        ).all()
        asked_for = select(PutThrough.spoken_at).where(PutThrough.user_id == phone.teacher_id)
        own = select(SchoolClass.id).where(SchoolClass.teacher_id == phone.teacher_id)
        return {
            "purpose": row.purpose, "state": row.state, "outcome": row.outcome or "", "reach": row.reach,
            "caller": row.last4, "events": len(tx.scalars(
                select(InboundEvent.key).where(InboundEvent.inbound_id == row.id)).all()),
            "call": call.state if call else "", "disposition": (call.disposition or "") if call else "",
            "call_reach": call.reach if call else "",
            "due": "" if call is None or call.state != "planned" else "now" if call.due_at <= now else "later",
            "opted_out": home is not None and home.opted_out_at is not None,
            "language": home.language if home else "", "slot": (home.slot or "") if home else "",
            "consents": [f"{each.kind} {'yes' if each.given else 'no'} {each.wording}" for each in consents],
            "recordings": [_recording(each) for each in recordings],
            "callbacks": sorted(tx.scalars(wishes).all()),
            "prompts": [_order(each, now) for each in orders],
            "spoken": ["yes" if at is not None else "no" for at in tx.scalars(asked_for).all()],
            "messages": len(tx.scalars(messages).all()),
            "failed_pins": line.failed_pins if line else 0,
            "locked": line is not None and line.locked_until_at is not None and line.locked_until_at > now,
            "batches": sorted(tx.scalars(select(Batch.state).where(Batch.class_id.in_(own))).all()),
        }  # fmt: skip


def _order(row: Any, now: Any) -> str:
    """Say how a prompt stands that was asked for."""
    gone = "withdrawn" if row.withdrawn_at is not None else "expired" if row.expires_at <= now else "waiting"
    return f"{row.prompt_id} {row.language} {'said' if row.recording_id is not None else gone}"


def _recording(row: Any) -> str:
    whose = "of nobody" if row.school_id is None else "of a call" if row.call_id is not None else "of a school"
    return f"{row.state} {row.language} {row.purpose}" + (f" {whose}" if row.purpose == "suggestion" else "")
