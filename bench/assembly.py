"""From a bench file to its drivers: every problem of the description at once, nothing sent yet."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from bench import registry
from bench.clock import Clock
from bench.errors import BenchError
from bench.roles import Instrument
from bench.safety import check_steps
from harness.model.strict import ModelError, nearest
from harness.model.topology import Topology

Values = Mapping[str, int | str]
"""What fills the `{name}` placeholders in addresses and options: ports of a virtual bench, and values of the run."""

NO_VALUES: Values = MappingProxyType({})


def make_drivers(
    topology: Topology, clock: Clock, values: Values, names: Collection[str] | None = None
) -> dict[str, Instrument]:
    """All drivers by name, or those of `names` alone. Raises one BenchError with every problem of the description."""
    source = topology.source or topology.name
    drivers: dict[str, Instrument] = {}
    problems: list[str] = []
    for entry in topology.instruments:
        if names is not None and entry.name not in names:
            continue
        missing = [name for name in entry.placeholders() if name not in values]
        if missing:
            cure = nearest(missing[0], tuple(values))
            problems.append(f"{source}: {entry.name}: no port is named {missing[0]!r}. Cure: {cure}")
            continue
        filled = replace(entry, options=entry.filled_options(values))
        try:
            drivers[entry.name] = registry.create(filled, entry.located(values), clock, source)
        except (BenchError, ModelError) as error:
            problems.append(str(error))
    if not problems:
        problems = check_steps(topology, dict(drivers))
    if problems:
        raise BenchError("\n".join(problems))
    return drivers
