"""Makes our own small speech models from synthetic voices: see train.py. Nothing of the product imports this."""

PROCESSES = 2  # that work side by side, for the two cores a training is to do with
