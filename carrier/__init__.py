"""The phone company behind one door: what we ask of it, how Plivo answers, and an exchange to try it on."""
