from ivr.consoles.teacher import importing, noting, views
from ivr.consoles.teacher.blueprint import blueprint

__all__ = ["blueprint", "importing", "noting", "views"]
