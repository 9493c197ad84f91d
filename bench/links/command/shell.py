"""Commands of this machine. Address: `shell:COMMAND`; what a verb sends is appended to it, as words, without a shell."""

import asyncio
import contextlib
import os
import shlex
import signal
from pathlib import Path

from bench.errors import BenchError
from bench.links.command.link import LONGEST, Answer, CommandLink, Request, Sending
from bench.links.command.template import Values, fill

_PATIENCE_S = 1.0  # for the pipes of a process that was killed


class ShellLink(CommandLink):
    """Each request is one process, in a session of its own. Output is the answer; on failure, what it wrote to stderr."""

    code_means = "exit code"
    good_codes = range(1)

    def __init__(self, instrument: str, address: str, timeout_s: float) -> None:
        super().__init__(instrument, address, timeout_s)
        self._command = _split(instrument, address.removeprefix("shell:"))
        if not self._command:
            raise BenchError(f"{instrument}: address {address!r} names no command. Cure: write shell: and a command")
        self.directory = Path()

    def render(self, sending: Sending, values: Values) -> Request:
        """The command line; a value is never split into words. Raises BenchError."""
        extra = sending.beyond_send()
        if extra:
            raise BenchError(f"{extra} is for HTTP. Cure: leave it out, a command has words only")
        template = [*self._command, *_split(self.instrument, sending.send)]
        words = tuple(fill(word, values) for word in template)
        return Request(shlex.join(fill(word, values.shown()) for word in template), words=words)

    async def ask(self, request: Request, timeout_s: float) -> Answer:
        """Run it to its end. Raises InstrumentFault when it cannot be started, does not end, or writes without end."""
        return await self.exchange(lambda: self._run(request, timeout_s))

    async def _run(self, request: Request, timeout_s: float) -> Answer:
        try:
            process = await asyncio.create_subprocess_exec(
                *request.words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=self.directory,
                start_new_session=True,
            )
        except OSError as error:
            cure = "check address and working_directory, and that the command is installed and executable"
            raise self.fault(f"{request.shown} cannot be run: {error.strerror or error}", cure) from None
        try:
            async with asyncio.timeout(timeout_s):
                output, errors = await _outputs(process)
                code = await process.wait()
        except TimeoutError:
            cure = "run it by hand; give the verb a longer timeout_s if it needs it"
            raise self.fault(f"{request.shown} did not end within {timeout_s:g} s", cure) from None
        except _TooLongError:
            raise self.fault(f"{request.shown} wrote more than {LONGEST} bytes", "let it write less") from None
        finally:
            await _end(process)
        return self._answer(request, output if code == 0 or output.strip() else errors, code)

    def _answer(self, request: Request, output: bytes, code: int) -> Answer:
        try:
            return Answer(output.decode().rstrip("\r\n"), code)
        except UnicodeDecodeError:
            raise self.fault(f"{request.shown} wrote bytes that are no text", "let it write UTF-8") from None

    async def drop(self) -> None:
        """Nothing stays open between two requests."""


class _TooLongError(Exception):
    pass


async def _outputs(process: asyncio.subprocess.Process) -> tuple[bytes, bytes]:
    assert process.stdout is not None
    assert process.stderr is not None
    reading = [asyncio.ensure_future(_whole(stream)) for stream in (process.stdout, process.stderr)]
    try:
        output, errors = await asyncio.gather(*reading)
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    return output, errors


async def _whole(stream: asyncio.StreamReader) -> bytes:
    try:
        await stream.readexactly(LONGEST + 1)
    except asyncio.IncompleteReadError as end:
        return end.partial
    raise _TooLongError


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill a process that still runs, and all that it started; its pipes are closed in any case."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    # asyncio sees the end of a process only once its pipes were read to theirs; who left the session may hold them open.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            await asyncio.gather(_drained(process.stdout), _drained(process.stderr), process.wait())
            return
    process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio offers no other way


async def _drained(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(LONGEST):
        pass


def _split(instrument: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise BenchError(f"{instrument}: {text!r} is no command line: {error}. Cure: close its quotes") from None
