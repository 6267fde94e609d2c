"""What the voice webhooks are made of."""

from __future__ import annotations

from functools import cached_property

from callqueue.runtime import Runtime
from carrier.plivo import xml
from carrier.plivo.signature import WebhookVerifier
from ivr.trees.model import LANGUAGES, Say
from ivr.voice import connecting
from ivr.voice.calling_in import CallsIn, Willing
from ivr.voice.conversation import Answered, Conversation, Webhook
from ivr.voice.direct import DirectPool
from ivr.voice.quick import Quick
from ivr.voice.urls import audio_url
from prompts.catalogues import load_catalogue
from prompts.clips import ClipStore
from prompts.errors import PromptError
from prompts.studio import Studio
from prompts.synthesis.espeak import EspeakSynthesiser


def studio_of(runtime: Runtime) -> Studio:
    """Return the studio over this installation's clips. It speaks only when asked to prepare."""
    return Studio(load_catalogue(), ClipStore(runtime.settings.storage.clips), EspeakSynthesiser())


# An answer that is only late comes within seconds; one that was lost never comes, and nobody may listen to nothing.
LONGEST_WAIT_S = 5.0


class VoiceParts:
    """Verifier, conversation and apology of one process."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.public_url = runtime.settings.web.public_url
        self.verifier = WebhookVerifier(runtime.settings.tokens)
        self.accounts = [account.name for account in runtime.settings.accounts]
        self.studio = studio_of(runtime)
        patience, carrier = runtime.clock.stretch(LONGEST_WAIT_S), runtime.settings.carrier
        shown = {account.name: account.caller_id for account in runtime.settings.accounts}
        self.conversation = Conversation(self.studio, self.public_url, patience, shown)
        self.calls_in = CallsIn(Willing(self.studio), self.public_url, patience, carrier, runtime.vault)
        self._direct = DirectPool(runtime.database)
        self.quick = Quick(self._direct, self.studio, self.public_url)

    def receive(self, webhook: Webhook) -> Answered:
        """Apply a verified webhook, committed, the quick way or else the thorough one.

        Raises Forged, NeverAsked, MissingClip, DatabaseSlow and what the database raises.
        """
        return self.quick.receive(webhook, self.runtime.clock.now()) or self.receive_thoroughly(webhook)

    def receive_thoroughly(self, webhook: Webhook) -> Answered:
        now = self.runtime.clock.now()
        with self._direct.turn, self.runtime.database.writing() as tx:
            return self.conversation.receive(tx, webhook, now)

    def receive_called_in(self, webhook: Webhook) -> Answered:
        """Apply a verified webhook of a call that comes in, committed. Raises as `receive` does."""
        now = self.runtime.clock.now()
        with self._direct.turn, self.runtime.database.writing() as tx:
            return self.calls_in.receive(tx, webhook, now)

    def filled(self, document: str) -> str:
        """Return an answer as the carrier is to get it, with the number that a stand-in stands for."""
        return connecting.filled(self.runtime, document)

    def close(self) -> None:
        """Let go of what was opened on the way."""
        self._direct.close()
        self.studio.close()

    @cached_property
    def _apology(self) -> str:
        says = [Say("apology", language, {}) for language in LANGUAGES]
        clips = [clip for say in says for clip in self.studio.resolve(say)]
        return xml.response(*(xml.play(audio_url(self.public_url, clip.name)) for clip in clips), xml.hang_up())

    def apology(self) -> str:
        """Return a document that says sorry in every language and hangs up; never fails."""
        try:
            return self._apology
        except (PromptError, OSError):
            words = "Sorry, something went wrong. We will call again."
            return xml.response(xml.speak(words, voice="WOMAN", language="en-GB"), xml.hang_up())
