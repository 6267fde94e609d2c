"""The whole week in virtual time: the real decisions against simulated families, with promises checked all along."""
