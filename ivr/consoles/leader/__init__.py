from ivr.consoles.leader.views import blueprint

__all__ = ["blueprint"]
