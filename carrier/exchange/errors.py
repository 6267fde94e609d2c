"""What can be wrong with what the exchange is given. Each message says where and how to mend it.

ExchangeError
├── BadSettings       an option, a settings file, a switch, a fault rule
├── BadPopulation     a population file
└── BadJournal        a journal that this program did not write
"""

from __future__ import annotations


class ExchangeError(Exception):
    """Base of everything the exchange says about its own input."""


class BadSettings(ExchangeError):
    """An option, a settings file, a switch or a fault rule is wrong."""


class BadPopulation(ExchangeError):
    """The population file is wrong."""


class BadJournal(ExchangeError):
    """The journal is damaged in its middle."""
