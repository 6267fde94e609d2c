"""The records, by noun. Importing this package knows every table."""

from ptm.models.area import Area, School, SchoolClass
from ptm.models.audit import Audit, Consent, Counter
from ptm.models.base import Base, Instant
from ptm.models.call import Attempt, Call, CallChild, CarrierEvent
from ptm.models.household import Child, Guardianship, Household, PhoneNumber
from ptm.models.participation import Participation, ParticipationChange
from ptm.models.recording import Recording, Suggestion, Transcript
from ptm.models.round import Batch, Message, Pace, Round, Switch, TreeVersion
from ptm.models.user import User

__all__ = [
    "Area",
    "Attempt",
    "Audit",
    "Base",
    "Batch",
    "Call",
    "CallChild",
    "CarrierEvent",
    "Child",
    "Consent",
    "Counter",
    "Guardianship",
    "Household",
    "Instant",
    "Message",
    "Pace",
    "Participation",
    "ParticipationChange",
    "PhoneNumber",
    "Recording",
    "Round",
    "School",
    "SchoolClass",
    "Suggestion",
    "Switch",
    "Transcript",
    "TreeVersion",
    "User",
]
