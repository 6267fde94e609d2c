"""Machines that speak: the contract, eSpeak NG in its own process, and tones for tests."""
