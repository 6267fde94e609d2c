"""sunvai exchange: the pocket telephone exchange, the other side of the wire."""

from carrier.exchange.command import command

__all__ = ["command"]
