"""What a virtual station leaves its factory with, for the security profiles."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from bench.errors import BenchError


@dataclass(frozen=True, slots=True)
class SecurityConfig:
    """Profile and credentials of a station with the security extension (OCA white paper edition 3). They yield to what NVRAM holds.

    `profile` 0 to 3; `roots` and `manufacturer_roots` are PEM certificates, `certificate` and `key` the station's own; `cpo_name` goes
    into its certificate requests; `store_max` is how many roots it can hold; `additional_root_check`: key of that name;
    `key_kind`: `ec` or `rsa`, for its own keys and the cipher suites that it offers.
    """

    profile: int = 0
    roots: tuple[str, ...] = ()
    manufacturer_roots: tuple[str, ...] = ()
    certificate: str = ""
    key: str = field(default="", repr=False)
    cpo_name: str = ""
    store_max: int = 6
    additional_root_check: bool = False
    key_kind: str = "ec"

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str) -> "SecurityConfig":
        """Build from a table. Raises BenchError naming key, value and cure."""
        known = {f.name: f.default for f in fields(cls)}
        for key, value in values.items():
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]
                raise BenchError(f"{where}.{key}: unknown key. Cure: did you mean {near!r}?")
            kind = type(known[key])
            if not isinstance(value, kind if kind is not tuple else list | tuple) or (kind is int and value is True):
                raise BenchError(f"{where}.{key} = {value!r}: wrong type. Cure: give {kind.__name__}")
        taken: dict[str, Any] = {key: tuple(item) if isinstance(item, list) else item for key, item in values.items()}
        made = cls(**taken)
        if not 0 <= made.profile <= 3 or made.key_kind not in {"ec", "rsa"}:
            raise BenchError(
                f"{where}: profile {made.profile}, key_kind {made.key_kind!r}. Cure: 0 to 3, and ec or rsa"
            )
        return made
