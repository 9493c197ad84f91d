"""A contactor: a coil that is driven, and contacts that follow after their mechanical delay."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.virtual.plant.timeline import Event, Timeline

CHATTER_S = 0.04
"""How long the contacts of one that chatters stay open, or closed."""


@dataclass(frozen=True, slots=True)
class ContactorConfig:
    """Mechanical delays, and coil voltages as shares of the nominal voltage at which it pulls in and drops out."""

    close_delay_s: float = 0.025
    open_delay_s: float = 0.018
    pull_in_share: float = 0.75
    drop_out_share: float = 0.55


class Contactor:
    """`closed` is where the contacts really are. `command` is the controller's output, `feed` the coil's supply."""

    def __init__(
        self,
        timeline: Timeline,
        config: ContactorConfig,
        on_move: Callable[[bool], None],
        *,
        closed: bool = False,
        on_stuck: Callable[[bool], object] = bool,
    ) -> None:
        """`on_move` is told where the contacts went, `on_stuck` where they should have gone and did not."""
        self._timeline = timeline
        self._config = config
        self._on_move = on_move
        self._on_stuck = on_stuck
        self._commanded = closed
        self._fed_share = 1.0
        self._energised = closed
        self._moving: Event | None = None
        self._open_delay_s = config.open_delay_s
        self._weld = False
        self._never_closes = False
        self._latches = self._chatters = False
        self._bouncing: Event | None = None
        self.closed = closed

    def command(self, *, close: bool) -> None:
        """Drive the coil's output."""
        self._commanded = close
        self._update()

    def lose_drive(self) -> None:
        """The controller died: its output drops, which a bistable contactor takes no notice of."""
        if not self._latches:
            self.command(close=False)

    def feed(self, share: float) -> None:
        """Voltage at the coil's supply as a share of the nominal one."""
        self._fed_share = share
        self._update()

    def set_weld(self, *, welded: bool) -> None:
        """Weld the contacts: once closed they never open. Removing the weld lets them open if the coil is off."""
        self._weld = welded
        if not welded and not self._energised and self.closed:
            self._move_after(self._open_delay_s, to=False)

    def set_open_delay(self, delay_s: float) -> None:
        """How long the contacts take to open from the next opening on."""
        self._open_delay_s = delay_s

    def set_never_closes(self, *, broken: bool) -> None:
        """A broken coil: the contacts do not follow a close command."""
        self._never_closes = broken

    def set_latching(self, *, latches: bool) -> None:
        """A bistable contactor: once closed it stays so without its coil's supply, until it is told to open."""
        self._latches = latches

    def set_chattering(self, *, chatters: bool) -> None:
        """One whose contacts do not come to rest while its coil has less than it needs to pull in."""
        self._chatters = chatters

    def _update(self) -> None:
        share = self._config.drop_out_share if self._energised else self._config.pull_in_share
        held = self._latches and self._energised
        energised = self._commanded and (held or self._fed_share >= share)
        if self._bouncing is None and self._starved:
            self._bouncing = self._timeline.after(CHATTER_S, self._bounce)
        if energised == self._energised:
            return
        self._energised = energised
        if energised:
            self._move_after(self._config.close_delay_s, to=True)
        else:
            self._move_after(self._open_delay_s, to=False)

    @property
    def _starved(self) -> bool:
        return self._chatters and self._energised and self._fed_share < self._config.pull_in_share

    def _bounce(self) -> None:
        self._bouncing = self._timeline.after(CHATTER_S, self._bounce) if self._starved else None
        if self._starved or self._energised:
            self._move(to=not self.closed if self._starved else True)

    def _move_after(self, delay_s: float, *, to: bool) -> None:
        if self._moving is not None:
            self._moving.cancel()
        self._moving = self._timeline.after(delay_s, lambda: self._move(to=to))

    def _move(self, *, to: bool) -> None:
        self._moving = None
        if self.closed == to:
            return
        if self._never_closes if to else self._weld:
            self._on_stuck(to)
            return
        self.closed = to
        self._on_move(to)
