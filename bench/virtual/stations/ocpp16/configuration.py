"""GetConfiguration and ChangeConfiguration (sections 5.3, 5.8), kept over reboots."""

import difflib
from collections.abc import Callable
from typing import Literal

from bench.errors import BenchError
from bench.virtual.stations.board import Board
from bench.virtual.stations.faults_configuration import MISSPELT, UNBUILT_KEYS
from bench.virtual.stations.ocpp16.features import absent_keys
from bench.virtual.stations.ocpp16.keys import keys_for, measurand, measurands_taken

Outcome = Literal["Accepted", "Rejected", "RebootRequired", "NotSupported"]

REBOOT_KEYS = {"WebSocketPingInterval"}
"""Keys whose change takes effect with the next power-up only."""

NOT_BUILT_IN = {"AuthorizationCacheEnabled", "MinimumStatusDuration"}
"""Optional keys that a plainer station has not."""

_CACHE_KEY = "AuthorizationCacheEnabled"


class Configuration:
    """The values of the configuration keys. Keys are case-insensitive (CiString50Type, section 7.17)."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._keys = keys_for(board.config)
        self._by_case = {name.casefold(): name for name in self._keys}
        self._absent = absent_keys(board.config.features)
        if not board.config.authorization_cache:
            self._absent |= {_CACHE_KEY}
        self._listeners: list[Callable[[str], None]] = []
        self._guards: dict[str, Callable[[str], Outcome]] = {}
        self._values = {name: key.first for name, key in self._keys.items()}
        self._values.update(self._installed())
        if board.faults.on("profiles_in_watts_only"):
            self._values["ChargingScheduleAllowedChargingRateUnit"] = "Power"
        if board.faults.has("watts_unadvertised_accepted"):
            self._values["ChargingScheduleAllowedChargingRateUnit"] = "Current"
        if board.faults.on("one_measurand_at_a_time"):
            lists = (name for name, key in self._keys.items() if key.takes is measurands_taken)
            self._values.update({name: self._values[name].split(",")[0] for name in lists})
        self._values.update(board.nvram.read("configuration", {}))
        board.nvram.write("ping_interval_s", self.integer("WebSocketPingInterval"))

    def text(self, name: str) -> str:
        """The value as it is reported."""
        return self._values[name]

    def integer(self, name: str) -> int:
        """The value of an integer key."""
        return int(self._values[name])

    def flag(self, name: str) -> bool:
        """The value of a boolean key."""
        return self._values[name] == "true"

    def items(self, name: str) -> list[str]:
        """The items of a comma-separated list; empty for an empty value."""
        value = self._values[name]
        return value.split(",") if value else []

    def on_change(self, listener: Callable[[str], None]) -> None:
        """Call `listener(key)` after a change."""
        self._listeners.append(listener)

    def guard(self, name: str, take: Callable[[str], Outcome]) -> None:
        """Have `take` decide on new values of a key, and keep them; they are not kept here."""
        self._guards[name] = take

    def show(self, name: str, value: str) -> None:
        """Report this value of a key that is kept elsewhere."""
        self._values[name] = value

    def store(self, name: str, value: str) -> None:
        """Set a known key to a canonical value, whatever its access, and tell the listeners."""
        self._values[name] = value
        stored = self._board.nvram.read("configuration", {})
        self._board.nvram.write("configuration", {**stored, name: value})
        for listener in self._listeners:
            listener(name)

    def change(self, key: str, value: str) -> Outcome:
        """ChangeConfiguration.req."""
        faults = self._board.faults
        name = self._known(key)
        if name is None:
            return "Accepted" if faults.on("unknown_key_accepted") else "NotSupported"
        if name in self._guards:
            return self._guards[name](value)
        takes = self._keys[name].takes
        canonical = takes(value) if takes is not None else None
        canonical = self._as_wrongly_taken(name, value, canonical)
        if canonical is None:
            if faults.on("rejected_value_stored") and takes is not None and takes("0") == "0":
                self.store(name, "0")
            return "Accepted" if faults.on("invalid_value_accepted") else "Rejected"
        if not faults.on("configuration_not_stored"):
            self.store(name, canonical)
        return "RebootRequired" if name in REBOOT_KEYS else "Accepted"

    def _as_wrongly_taken(self, name: str, value: str, canonical: str | None) -> str | None:
        """What the wrong stations make of a list of measurands; the canonical value where they are right."""
        takes, faults = self._keys[name].takes, self._board.faults
        if takes is not measurands_taken:
            return canonical
        items = [item.strip() for item in value.split(",")]
        if canonical is None and faults.on("unsupported_measurands_dropped"):
            return ",".join(item for item in items if measurand(item) is not None)
        if "Current.Import" in items and faults.on("measurands_by_phase_only"):
            return None
        if len(items) > 1 and faults.on("one_measurand_at_a_time"):
            return None
        return canonical

    def report(self, wanted: list[str] | None) -> tuple[list[dict[str, object]], list[str]]:
        """GetConfiguration.req: the known keys asked for (all, if none) and the unknown ones."""
        known = [name for key in wanted or () if (name := self._known(key)) is not None]
        unknown = [key for key in wanted or () if self._known(key) is None]
        names = known if wanted else [name for name in self._keys if self._known(self._name_told(name)) is not None]
        if self._board.faults.on("required_key_missing"):
            names = [name for name in names if name != "ConnectionTimeOut"]
        if self._board.faults.on("profiles_advertised_in_vain"):
            names = [name for name in names if name not in UNBUILT_KEYS]
        if self._board.faults.on("unknown_key_missing"):
            unknown = []
        if wanted and self._board.faults.on("named_keys_left_out"):
            names = names[: (len(names) + 1) // 2]
        rows: list[dict[str, object]] = [
            {"key": self._name_told(name), "readonly": self._is_readonly(name), **self._shown(name)}
            for name in dict.fromkeys(names)
        ]
        if self._board.faults.on("keys_in_capitals"):
            rows = [{**row, "key": str(row["key"]).upper()} for row in reversed(rows)]
        if self._board.faults.on("keys_in_small_letters"):
            rows = [{**row, "key": str(row["key"]).lower()} for row in rows]
        return rows, unknown

    def _name_told(self, name: str) -> str:
        misspelt = name == "WebSocketPingInterval" and self._board.faults.on("ping_interval_misspelt")
        return MISSPELT if misspelt else name

    def _shown(self, name: str) -> dict[str, str]:
        """Its value, unless it is write-only (AuthorizationKey, OCPP-J errata 3.12)."""
        if name != "AuthorizationKey":
            return {"value": self._values[name]}
        key = self._board.nvram.read("password")
        return {"value": key} if key is not None and self._board.faults.on("password_read_back") else {}

    def _known(self, key: str) -> str | None:
        """The name of a key that this station has, whatever the case of its letters."""
        misspelt = key.casefold() == MISSPELT.casefold()
        name = self._by_case.get("websocketpinginterval" if misspelt else key.casefold())
        if name == "WebSocketPingInterval" and misspelt != self._board.faults.on("ping_interval_misspelt"):
            return None
        plainer = name in NOT_BUILT_IN and self._board.faults.on("no_authorization_cache")
        return None if plainer or name in self._absent else name

    def _is_readonly(self, name: str) -> bool:
        wrongly = name == "HeartbeatInterval" and self._board.faults.on("required_key_readonly")
        return wrongly or self._keys[name].takes is None

    def _installed(self) -> dict[str, str]:
        """The installer's values. Raises BenchError for a key the station has not, or a value it does not take."""
        values: dict[str, str] = {}
        for key, value in self._board.config.configuration.items():
            if key not in self._keys:
                near = difflib.get_close_matches(key, self._keys, n=1, cutoff=0.0)[0]
                raise BenchError(f"station.configuration.{key}: unknown key. Cure: did you mean {near!r}?")
            takes = self._keys[key].takes
            canonical = takes(value) if takes is not None else value
            if canonical is None:
                raise BenchError(f"station.configuration.{key} = {value!r} is not valid. Cure: see OCPP 1.6 section 9")
            values[key] = canonical
        return values
