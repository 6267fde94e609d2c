"""Plivo behind our contract: dialling, look-ups, recordings; the webhooks it sends and the XML it is answered with."""
