from ivr.consoles.operator.views import blueprint

__all__ = ["blueprint"]
