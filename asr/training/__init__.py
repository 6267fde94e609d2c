"""Makes our own small speech models from synthetic voices: see train.py. Nothing of the product imports this."""
