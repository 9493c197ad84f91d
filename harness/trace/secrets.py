"""Which fields of a message are secret: marked when captured, so that whatever leaves the house can be redacted.

Sources: OCPP-J 1.6 6.2.2 and security white paper edition 3 (AuthorizationKey); OCPP 2.0.1 part 2 A01 and 2.1.9 (BasicAuthPassword), 3.x
NetworkConnectionProfile (VPN and APN passwords, SIM PIN).
"""

from collections.abc import Callable, Mapping
from typing import Any

_SECRET_KEYS = frozenset({"authorizationkey", "basicauthpassword"})


def _change_configuration(payload: Mapping[str, Any]) -> list[str]:
    return ["value"] if str(payload.get("key", "")).casefold() in _SECRET_KEYS and "value" in payload else []


def _get_configuration(payload: Mapping[str, Any]) -> list[str]:
    entries = payload.get("configurationKey")
    return [
        f"configurationKey[{index}].value"
        for index, entry in enumerate(entries if isinstance(entries, list) else [])
        if isinstance(entry, Mapping) and str(entry.get("key", "")).casefold() in _SECRET_KEYS and "value" in entry
    ]


def _variables(list_name: str) -> Callable[[Mapping[str, Any]], list[str]]:
    def paths(payload: Mapping[str, Any]) -> list[str]:
        entries = payload.get(list_name)
        return [
            f"{list_name}[{index}].attributeValue"
            for index, entry in enumerate(entries if isinstance(entries, list) else [])
            if isinstance(entry, Mapping) and _is_secret_variable(entry) and "attributeValue" in entry
        ]

    return paths


def _is_secret_variable(entry: Mapping[str, Any]) -> bool:
    variable = entry.get("variable")
    return isinstance(variable, Mapping) and str(variable.get("name", "")).casefold() in _SECRET_KEYS


def _network_profile(payload: Mapping[str, Any]) -> list[str]:
    data = payload.get("connectionData")
    if not isinstance(data, Mapping):
        return []
    found = ["connectionData.basicAuthPassword"] if "basicAuthPassword" in data else []
    for part, fields in (("vpn", ("password", "key")), ("apn", ("apnPassword", "simPin"))):
        inner = data.get(part)
        if isinstance(inner, Mapping):
            found += [f"connectionData.{part}.{name}" for name in fields if name in inner]
    return found


_FINDERS: dict[str, tuple[Callable[[Mapping[str, Any]], list[str]], ...]] = {
    "ChangeConfiguration": (_change_configuration,),
    "GetConfiguration": (_get_configuration,),
    "SetVariables": (_variables("setVariableData"),),
    "GetVariables": (_variables("getVariableResult"),),
    "SetNetworkProfile": (_network_profile,),
}


def secret_paths(action: str | None, payload: Any) -> tuple[str, ...]:
    """Dotted paths of the secret fields of a request or answer of `action`; empty for nearly all messages."""
    finders = _FINDERS.get(action or "")
    if finders is None or not isinstance(payload, Mapping):
        return ()
    return tuple(path for finder in finders for path in finder(payload))
