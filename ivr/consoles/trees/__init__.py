from ivr.consoles.trees.views import blueprint

__all__ = ["blueprint"]
