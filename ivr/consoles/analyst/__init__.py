from ivr.consoles.analyst.views import blueprint

__all__ = ["blueprint"]
