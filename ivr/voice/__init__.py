"""The carrier's webhooks: verify, record the event, step the tree, answer XML."""
