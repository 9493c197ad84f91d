"""A program on a terminal, for the tests of its link and driver: shows each key, and ends or stays as it is told.

Arguments: `stubborn` ignores keys and signals that ask it to end; `child` starts a child that would outlive it;
`chatter` shows something all the time until the first key.
"""

import os
import select
import signal
import subprocess
import sys
import tty

if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
if "child" in sys.argv:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(f"child={child.pid}.", flush=True)
tty.setraw(0)
print(f"pid={os.getpid()}. \x1b[32mready\x1b[0m Status: idle [{os.environ.get('MARK', '')}]\r", flush=True)
typed = ""
while "chatter" in sys.argv and not select.select([0], [], [], 0.02)[0]:
    print("...\r", flush=True)
while True:
    data = os.read(0, 100).decode()
    if "q" in data and "stubborn" not in sys.argv:
        print("bye\r", flush=True)
        break
    typed += data
    if "\x1b[A" in data:
        print("Status: busy\r", flush=True)
    print(f"typed {typed!r}\r", flush=True)
