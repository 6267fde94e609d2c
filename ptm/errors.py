"""Every error that crosses a package boundary.

The first question about a carrier error is never "what broke" but "may the phone have rung?":

    SunvaiError
    ├── SettingsError                 a key, a value or a secret is wrong; the message names it and how to mend it
    ├── PhoneNumberError              not an Indian mobile number; carries the reason a teacher can read
    ├── PersonRefused                 somebody cannot be added or changed as asked; the message says how to mend it
    │   └── PersonUnknown             there is nobody with this name or number
    └── CarrierError
        ├── NotPlaced                 certainly not dialled; `permanent` says whether another try can help
        ├── Throttled                 certainly not dialled; slow down for `retry_after_s`
        ├── OutcomeUnknown            the phone may have rung: look the call up, never dial again blindly
        └── CarrierUnavailable        a look-up got no answer: nothing is known now
"""

from __future__ import annotations


class SunvaiError(Exception):
    """The root: catching it catches everything we raise on purpose."""


class SettingsError(SunvaiError):
    """A setting is missing, unknown or out of range. The message names the key and how to mend it."""


class PhoneNumberError(SunvaiError):
    """A text is not one Indian mobile number. The message is the reason, fit to show beside the cell."""


class PersonRefused(SunvaiError):
    """A person cannot be added or changed as asked; the message says why and how to mend it."""


class PersonUnknown(PersonRefused):
    """There is nobody with this name or number."""


class CarrierError(SunvaiError):
    """The carrier did not do what was asked."""


class NotPlaced(CarrierError):
    """The call was certainly not dialled. `permanent` means that the same request will never be accepted."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class Throttled(CarrierError):
    """The call was certainly not dialled because we ask too fast; wait `retry_after_s` seconds of machine time."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"the carrier asks us to slow down for {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class OutcomeUnknown(CarrierError):
    """The request may have been accepted: a time-out, a cut connection, a 5xx or an answer that cannot be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CarrierUnavailable(CarrierError):
    """A question that is safe to repeat got no usable answer; nothing is known now."""
