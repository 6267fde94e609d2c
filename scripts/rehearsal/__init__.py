"""The week through the real parts: database, Redis, workers, pacer, web and exchange, while all of them are killed."""
