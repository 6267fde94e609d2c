from ivr.consoles.account.views import blueprint

__all__ = ["blueprint"]
