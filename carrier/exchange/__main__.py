from .command import command

command(prog_name="python -m carrier.exchange")
