"""Call trees: definitions as TOML and a pure engine, session in, steps and events out. Nothing here does I/O."""
