from ivr.consoles.leader import answering, stopping, views
from ivr.consoles.leader.blueprint import blueprint

__all__ = ["answering", "blueprint", "stopping", "views"]
