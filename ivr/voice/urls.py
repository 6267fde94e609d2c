"""The addresses that a call's XML points to."""

from __future__ import annotations

# Every one of our answers to a repeat equals the first, so the carrier may repeat whatever fails, quickly.
RETRY = "#ct=2000&rt=10000&rc=3&rp=all"


def step_url(public_url: str, token: str, step: int) -> str:
    return f"{public_url}/voice/{token}/step/{step}{RETRY}"


def recording_url(public_url: str, token: str) -> str:
    return f"{public_url}/voice/{token}/recording{RETRY}"


def leg_url(public_url: str, token: str) -> str:
    return f"{public_url}/voice/{token}/leg{RETRY}"


def said_url(public_url: str, token: str, recording_id: str) -> str:
    return f"{public_url}/voice/{token}/said/{recording_id}.wav"


def audio_url(public_url: str, clip_name: str) -> str:
    return f"{public_url}/audio/{clip_name}"
