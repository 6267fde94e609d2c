"""The verbs of the `sunvai` command, one a file; each module's `command` is what the command line shows."""
