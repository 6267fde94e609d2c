"""Who is called when: rounds, households, windows, ladder, pacing, ledger, dialling and repair."""
