"""A person at a pseudo-terminal, and what they are asked."""

import asyncio
import os

PLUG = {"plug_in": {}, "unplug": {}}
CARDS = {"places": {"1": "the left-hand socket"}, "cards": {"04A1": "the white card, marked A"}}


class Colleague:
    """Holds the far end of a terminal: reads what is shown, types answers."""

    def __init__(self):
        self.ours, theirs = os.openpty()
        self.device = os.ttyname(theirs)
        self._theirs = theirs
        self.seen = ""
        self._taken = 0
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.ours, self._read)

    def _read(self):
        try:
            self.seen += os.read(self.ours, 65536).decode()
        except OSError:
            self.leave()
        self._news.set()

    async def sees(self, *words):
        """Wait until all the words were shown since the last wait."""
        async with asyncio.timeout(60):
            while not all(word in self.seen[self._taken :] for word in words):
                self._news.clear()
                await self._news.wait()
        self._taken = len(self.seen)

    def types(self, text):
        os.write(self.ours, text.encode())

    def leave(self):
        if self.ours >= 0:
            asyncio.get_running_loop().remove_reader(self.ours)
            os.close(self.ours)
            os.close(self._theirs)
            self.ours = -1
