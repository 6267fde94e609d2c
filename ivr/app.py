"""The Flask application: the carrier's webhooks, the clips, the pages."""

from __future__ import annotations

from flask import Flask

from callqueue.runtime import Runtime
from carrier.plivo.webhooks import MAX_FORM_BYTES
from ivr import consoles, errors, health, proxies, security
from ivr.session import PageSessions
from ivr.voice import audio, naming, webhooks_in
from ivr.voice.parts import VoiceParts

# A class list of 100,000 rows is about 10 MB; webhooks have a far smaller limit of their own.
MAX_REQUEST_BYTES = max(16_000_000, MAX_FORM_BYTES)


def create_app(runtime: Runtime) -> Flask:
    """Return the application over one process's parts."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=runtime.settings.secrets.secret_key.get_secret_value(),
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
    )
    app.session_interface = PageSessions()
    app.extensions["runtime"] = runtime
    app.extensions["voice"] = VoiceParts(runtime)
    security.secure(app, runtime.settings)
    proxies.trust(app, runtime.settings.web.trusted_proxies)
    errors.register(app)
    if runtime.settings.web.name_nodes:
        naming.register(app, runtime)
    app.register_blueprint(webhooks_in.blueprint)
    app.register_blueprint(audio.blueprint)
    app.register_blueprint(health.blueprint)
    consoles.register(app)
    return app
