from ivr.consoles.teacher import importing, noting, phoning, speaking, views, voicing
from ivr.consoles.teacher.blueprint import blueprint

__all__ = ["blueprint", "importing", "noting", "phoning", "speaking", "views", "voicing"]
