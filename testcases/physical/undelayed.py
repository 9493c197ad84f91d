"""Limits that show at once on stations that delay changes of load at random (PICS GB-RandomDelay): the delay is overridden."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.errors import BenchError
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station


@asynccontextmanager
async def undelayed(dialect: Dialect, station: Station, step: Steps) -> AsyncIterator[None]:
    """Inside, the station has the override of its random delay on, if it has such a delay; afterwards its own setting again.

    Raises BenchError where the PIXIT does not say what the override is: a change that comes within ten minutes cannot be told from one that never comes.
    """
    override = station.pixit.random_delay_override
    if station.pics.answer("GB-RandomDelay") is not True:
        yield
    elif override is None:
        raise BenchError(
            f"{station.identity} delays changes of load at random, and nothing says how that is overridden. "
            "Cure: name the setting in pixit.random_delay_override, or waive the case"
        )
    else:
        async with dialect.vendor_settings(step, {override: "true"}):
            yield
