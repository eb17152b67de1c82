"""`python3 -m tools COMMAND`: what the Makefile calls."""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    # Read by older versions too, which may know none of the syntax of the other modules
    sys.exit("Odoo 19 and its add-on run on Python 3.11 to 3.13; {} is {}.{}.\n"
             "Next: name another one, for example  make PYTHON=python3.11 run"
             .format(sys.executable, *sys.version_info[:2]))

import os  # noqa: E402
import signal  # noqa: E402

from .console import Stop, say  # noqa: E402
from .environment import set_up  # noqa: E402
from .settings import Settings  # noqa: E402


def main(command, *arguments):
    settings = Settings.read()
    set_up(settings)
    if command == 'setup':
        say(f"Ready in {settings.local}")
        return 0
    if not os.path.samefile(sys.prefix, settings.venv):
        # The other commands need the packages just installed
        python = str(settings.python)
        os.execv(python, [python, '-m', 'tools', command, *arguments])
    from . import commands
    return commands.COMMANDS[command](settings, *arguments)


# A shell starts its background jobs with Ctrl-C ignored, and every child inherits that: nothing
# could then be interrupted and clean up, a suite that hangs least of all.
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    sys.exit(main(*sys.argv[1:]))
except Stop as stop:
    sys.exit(f"\n{stop.problem}\nNext: {stop.next_step}")
except KeyboardInterrupt:
    sys.exit("\nInterrupted; the same command continues where it stopped.")
