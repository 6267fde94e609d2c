"""The records, by noun. Importing this package knows every table."""

from ptm.models.answer import Answer
from ptm.models.area import Area, School, SchoolClass
from ptm.models.audit import Audit, Consent, Counter
from ptm.models.base import Base, Instant
from ptm.models.call import Attempt, Call, CallChild, CarrierEvent
from ptm.models.household import Child, Guardianship, Household, PhoneNumber
from ptm.models.inbound import InboundCall, InboundEvent
from ptm.models.participation import Participation, ParticipationChange
from ptm.models.pick_up import PickUp
from ptm.models.prompt_order import PromptOrder
from ptm.models.put_through import PutThrough
from ptm.models.recording import Recording, Suggestion, Transcript
from ptm.models.round import Batch, Message, Pace, Round, Switch, TreeVersion
from ptm.models.teacher_line import CallbackRequest, TeacherLine, VoiceMessage
from ptm.models.user import User

__all__ = [
    "Answer",
    "Area",
    "Attempt",
    "Audit",
    "Base",
    "Batch",
    "Call",
    "CallChild",
    "CallbackRequest",
    "CarrierEvent",
    "Child",
    "Consent",
    "Counter",
    "Guardianship",
    "Household",
    "InboundCall",
    "InboundEvent",
    "Instant",
    "Message",
    "Pace",
    "Participation",
    "ParticipationChange",
    "PhoneNumber",
    "PickUp",
    "PromptOrder",
    "PutThrough",
    "Recording",
    "Round",
    "School",
    "SchoolClass",
    "Suggestion",
    "Switch",
    "TeacherLine",
    "Transcript",
    "TreeVersion",
    "User",
    "VoiceMessage",
]
