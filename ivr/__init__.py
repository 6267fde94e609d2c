"""The Flask application: call trees, the webhooks of the carrier, the pages of each role."""
