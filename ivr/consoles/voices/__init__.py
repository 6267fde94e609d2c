from ivr.consoles.voices.views import blueprint

__all__ = ["blueprint"]
