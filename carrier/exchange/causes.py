"""Why calls end: Plivo's hang-up codes and names, and how each looks in a hang-up webhook."""

from __future__ import annotations

from dataclasses import dataclass

NAMES = {
    0: "Unknown",
    1000: "Canceled",
    1010: "Canceled (Out Of Credits)",
    1020: "Canceled (Simultaneous dial limit reached)",
    2000: "Invalid Destination Address",
    2010: "Destination Out Of Service",
    2020: "Endpoint Not Registered",
    2030: "Destination Country Barred",
    2040: "Destination Number Barred",
    2050: "Destination Prefix Barred",
    2060: "Loop Detected",
    2070: "Violates Media Anchoring",
    3000: "No Answer",
    3010: "Busy Line",
    3020: "Rejected",
    3030: "Unknown Caller ID",
    3040: "Forbidden",
    3050: "Unallocated number",
    3070: "Request timeout",
    3080: "Internal server error from carrier",
    3090: "Network congestion from carrier",
    3100: "Busy everywhere",
    3110: "Declined",
    3120: "User does not exist anywhere",
    3130: "Spam block",
    3140: "DNO Caller ID",
    4000: "Normal Hangup",
    4010: "End Of XML Instructions",
    4020: "Multiparty Call Ended",
    4030: "Kicked Out Of Multiparty Call",
    5000: "Network Error",
    5010: "Internal Error",
    5020: "Routing Error",
    5030: "Concurrency Limit Breached",
    6000: "Scheduled Hangup",
    6010: "Ring Timeout Reached",
    6020: "Media Timeout",
    7011: "Error Reaching Answer URL",
    7012: "Error Reaching Action URL",
    7013: "Error Reaching Transfer URL",
    7014: "Error Reaching Redirect URL",
    7022: "Invalid Action URL",
    7023: "Invalid Transfer URL",
    7024: "Invalid Redirect URL",
    7032: "Invalid Method For Action URL",
    7033: "Invalid Method For Transfer URL",
    7034: "Invalid Method For Redirect URL",
    8011: "Invalid Answer XML",
    8012: "Invalid Action XML",
    8013: "Invalid Transfer XML",
    8014: "Invalid Redirect XML",
    9000: "Lost Race",
    9100: "Machine Detected",
    9110: "Confirm Key Challenge Failed",
}

# CallStatus and HangupCause of a call that was never answered; whatever is not here is a plain failure.
_UNANSWERED = {
    1000: ("failed", "ORIGINATOR_CANCEL"),
    2000: ("failed", "UNALLOCATED_NUMBER"),
    2010: ("failed", "SUBSCRIBER_ABSENT"),
    3000: ("no-answer", "NO_ANSWER"),
    3010: ("busy", "USER_BUSY"),
    3020: ("failed", "CALL_REJECTED"),
    3050: ("failed", "UNALLOCATED_NUMBER"),
    3070: ("failed", "RECOVERY_ON_TIMER_EXPIRE"),
    3100: ("busy", "USER_BUSY"),
    3110: ("failed", "CALL_REJECTED"),
    6010: ("no-answer", "NO_ANSWER"),
}

CALLER = "Caller"
CALLEE = "Callee"
PLIVO = "Plivo"
CARRIER = "Carrier"
API_REQUEST = "API Request"
ANSWER_XML = "Answer XML"
ERROR = "Error"


@dataclass(frozen=True)
class Verdict:
    """How a call ended: one of Plivo's codes and who ended it."""

    code: int
    source: str

    @property
    def name(self) -> str:
        return NAMES[self.code]


def call_status(code: int, *, answered: bool, ring_timeout_status: str) -> tuple[str, str]:
    """Return CallStatus and HangupCause as a hang-up webhook gives them."""
    if answered:
        return "completed", "NORMAL_CLEARING"
    if code == 6010:
        return ring_timeout_status, "NO_ANSWER"
    return _UNANSWERED.get(code, ("failed", "NETWORK_OUT_OF_ORDER"))
