from ivr.consoles.voices import phoning, views
from ivr.consoles.voices.blueprint import blueprint

__all__ = ["blueprint", "phoning", "views"]
