"""Plivo's REST API in front of the exchange."""
