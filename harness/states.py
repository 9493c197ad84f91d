"""Reusable states of a station as a graph: which states there are, and which ways lead from one to the next.

A preamble names the state it wants; the graph finds the cheapest ways there that this bench can go.
"""

import heapq
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class State:
    """A state that cases start from. `restore` names the ways (`Way.by`) back to the graph's home, in order."""

    name: str
    ocpp: tuple[str, ...]
    meaning: str
    restore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One way from `reached_from` to `to`: the procedure `by`, the bench roles it needs, its usual cost in seconds."""

    reached_from: str
    to: str
    by: str
    roles: frozenset[str] = field(default_factory=frozenset)
    cost_s: float = 1.0


class NoWayError(LookupError):
    """A state cannot be reached. `missing`: the roles that the easiest way lacks; empty when no way leads there at all."""

    def __init__(self, message: str, missing: frozenset[str] = frozenset()) -> None:
        super().__init__(message)
        self.missing = missing


class StateGraph:
    """The states of one OCPP version; the first is `home`, where every case begins and which every restore leads back to.

    Raises ValueError for a state told twice, a way that leads nowhere, or a restore that does not end at home.
    """

    def __init__(self, ocpp: str, states: Iterable[State], ways: Iterable[Way]) -> None:
        self.ocpp = ocpp
        self.states: dict[str, State] = {}
        for state in states:
            if state.name in self.states:
                raise ValueError(f"state {state.name} stands twice; name each once")
            if ocpp not in state.ocpp:
                raise ValueError(f"state {state.name} is none of OCPP {ocpp}; add the version or leave it out")
            self.states[state.name] = state
        self.home = next(iter(self.states), "")
        self.ways = tuple(ways)
        self._check()
        self._from: dict[str, list[Way]] = {}
        for way in self.ways:
            self._from.setdefault(way.reached_from, []).append(way)

    def ways_to(self, name: str) -> tuple[Way, ...]:
        """All ways that end in a state. Raises NoWayError for an unknown state."""
        self._known(name)
        return tuple(way for way in self.ways if way.to == name)

    def path(self, start: str, goal: str, available_roles: Collection[str]) -> list[Way]:
        """The cheapest ways, in order, from `start` to `goal` with the roles at hand; empty when already there.

        Raises NoWayError for an unknown state, when roles are missing (naming them and the way that lacks least), or when
        no way leads there.
        """
        self._known(start)
        self._known(goal)
        found = self._cheapest(start, goal, frozenset(available_roles))
        if found is None:
            raise NoWayError(f"no way leads from {start} to {goal} in OCPP {self.ocpp}; declare one")
        missing = frozenset(role for way in found for role in way.roles if role not in available_roles)
        if missing:
            route = ", ".join(f"{way.by} (to {way.to})" for way in found)
            roles = ", ".join(sorted(missing))
            raise NoWayError(
                f"{goal} cannot be reached from {start}: the bench lacks the role {roles} for {route}; "
                f"add {roles} to the topology",
                missing,
            )
        return found

    def _known(self, name: str) -> None:
        if name not in self.states:
            raise NoWayError(f"OCPP {self.ocpp} has no state {name!r}; it has {', '.join(sorted(self.states))}")

    def _check(self) -> None:
        for way in self.ways:
            for name in (way.reached_from, way.to):
                if name not in self.states:
                    raise ValueError(f"way {way.by} names the state {name!r}, which is not declared")
            if not way.cost_s > 0:
                raise ValueError(f"way {way.by} to {way.to} costs {way.cost_s} s; give more than 0")
        for state in self.states.values():
            self._check_restore(state)

    def _check_restore(self, state: State) -> None:
        at = state.name
        for procedure in state.restore:
            onward = [way.to for way in self.ways if (way.reached_from, way.by) == (at, procedure)]
            if not onward:
                raise ValueError(f"state {state.name}: no way {procedure!r} leads on from {at}; declare it")
            at = onward[0]
        if at != self.home:
            raise ValueError(f"state {state.name}: its restore ends in {at}, not in {self.home}; go on to {self.home}")

    def _cheapest(self, start: str, goal: str, roles: frozenset[str]) -> list[Way] | None:
        """Dijkstra over (state, roles lacked so far): a role that is lacking costs more than any sum of seconds."""
        ticket = 0
        queue: list[tuple[int, float, int, str, frozenset[str], list[Way]]] = []
        heapq.heappush(queue, (0, 0.0, ticket, start, frozenset(), []))
        done: set[tuple[str, frozenset[str]]] = set()
        while queue:
            _, cost, _, name, lacking, taken = heapq.heappop(queue)
            if name == goal:
                return taken
            if (name, lacking) in done:
                continue
            done.add((name, lacking))
            for way in self._from.get(name, ()):
                ticket += 1
                lacked = lacking | (way.roles - roles)
                heapq.heappush(queue, (len(lacked), cost + way.cost_s, ticket, way.to, lacked, [*taken, way]))
        return None
