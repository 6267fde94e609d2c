"""What gunicorn serves."""

from __future__ import annotations

from callqueue.runtime import Runtime
from ivr.app import create_app
from ptm.settings import load_settings

application = create_app(Runtime(load_settings()))
