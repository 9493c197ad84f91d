"""Makes the terminal on its standard input the controlling one, then becomes the program named on its command line.

Run as a script in a session of its own. A controlling terminal is what ends the program when the bench dies without a
word: the kernel hangs the terminal up, and the program gets SIGHUP.
"""

import fcntl
import os
import sys
import termios


def main(command: list[str]) -> None:
    """Become `command`. Ends with 127 and the reason on the terminal when it cannot be run."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the command is the bench file's
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
