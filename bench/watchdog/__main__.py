"""`python -m bench.watchdog`: started by a run, never by hand; it listens on its standard input."""

import signal
import sys

from bench.watchdog.guard import guard

if __name__ == "__main__":
    # Ctrl-C and a service's stop are for the harness, which says farewell when it is done: the watchdog stays until then,
    # or until the pipe ends.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(guard(sys.stdin.fileno(), sys.stdout.buffer))
