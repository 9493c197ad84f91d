"""Payloads against the OCA's JSON schema files, with problems named by path, value and rule.

The files are handed in as parsed JSON, since the core reads none itself; `fixtures.schema_files` finds them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from harness.ocppj.json_text import format_path
from harness.ocppj.overrides import OVERRIDES, JsonSchema, SchemaOverride, apply
from harness.ocppj.version import OcppVersion

_MESSAGE_LIMIT = 400


@dataclass(frozen=True, slots=True)
class Problem:
    """One place where a payload breaks its schema.

    `path` is written as the OCA documents write it (`meterValue[0].sampledValue[1].value`), empty for the payload
    itself; `value` is what stands there, None where a required field is missing; `rule` is the schema's keyword with
    its limit (`maxLength 20`), or `action` where there is no such message.
    """

    path: str
    value: object
    rule: str
    message: str


class Schemas:
    """The schemas of one OCPP version, each compiled when it is first needed."""

    def __init__(
        self,
        version: OcppVersion,
        documents: Mapping[str, JsonSchema],
        overrides: Iterable[SchemaOverride] = OVERRIDES,
    ) -> None:
        """Take the parsed schema files of `version`, keyed by file name without `.json`.

        Raises OverrideError on the first use of a file that an override does not fit.
        """
        self.version = version
        self._documents = dict(documents)
        self._overrides = [override for override in overrides if override.version is version]
        self._compiled: dict[str, jsonschema_rs.Draft4Validator | jsonschema_rs.Draft6Validator] = {}
        request_suffix = "" if version is OcppVersion.V1_6 else "Request"
        results = {name.removesuffix("Response"): name for name in self._documents if name.endswith("Response")}
        self._results = results
        self._calls = {action: action + request_suffix for action in results if action + request_suffix in documents}
        known = {*self._results.values(), *self._calls.values()}
        self._sends = {name: name for name in self._documents if name not in known}
        self.call_actions = frozenset(self._calls)
        """Every action that a CALL may name."""
        self.send_actions = frozenset(self._sends)
        """Every action that a SEND may name (OCPP 2.1)."""

    def check_call(self, action: str, payload: Mapping[str, Any]) -> list[Problem]:
        """Give the problems of a CALL's payload; empty when it is valid. An unknown action is a problem."""
        return self._check(self._calls, action, payload, "CALL")

    def check_result(self, action: str, payload: Mapping[str, Any]) -> list[Problem]:
        """Give the problems of the payload of a CALLRESULT that answers `action`; empty when it is valid."""
        return self._check(self._results, action, payload, "CALLRESULT")

    def check_send(self, action: str, payload: Mapping[str, Any]) -> list[Problem]:
        """Give the problems of a SEND's payload (OCPP 2.1); empty when it is valid."""
        return self._check(self._sends, action, payload, "SEND")

    def _check(self, files: dict[str, str], action: str, payload: Mapping[str, Any], kind: str) -> list[Problem]:
        name = files.get(action)
        if name is None:
            return [self._unknown(action, kind)]
        validator = self._compiled.get(name) or self._compile(name)
        if validator.is_valid(payload):
            return []
        return [problem for error in validator.iter_errors(payload) for problem in _problems(error, payload)]

    def _compile(self, name: str) -> jsonschema_rs.Draft4Validator | jsonschema_rs.Draft6Validator:
        document = apply(self._documents[name], [o for o in self._overrides if o.file == name])
        make = (
            jsonschema_rs.Draft4Validator
            if "draft-04" in str(document.get("$schema"))
            else jsonschema_rs.Draft6Validator
        )
        validator = make(document, validate_formats=True)
        self._compiled[name] = validator
        return validator

    def _unknown(self, action: str, kind: str) -> Problem:
        other = "a SEND" if action in self._sends else "a CALL" if action in self._calls else None
        hint = f"; it is {other}" if other else _nearest_case(action, self._calls)
        message = f"OCPP {self.version} has no {kind} {action[:60]!r}{hint}"
        return Problem("", action, "action", message)


def _nearest_case(action: str, known: Iterable[str]) -> str:
    """Point at an action that differs in case only: actions are case-sensitive (OCPP-J 1.6, 4.2.1)."""
    return next((f"; its name is {name!r}" for name in known if name.lower() == action.lower()), "")


def _problems(error: jsonschema_rs.ValidationError, payload: Mapping[str, Any]) -> list[Problem]:
    """Name what one schema error is about: for fields missing or in excess the field, not the object around it."""
    path = tuple(error.instance_path)
    rule, limit = error.kind.name, error.kind.value
    node = _at(payload, path)
    if rule == "required":
        where = format_path((*path, str(limit)))
        return [Problem(where, None, rule, f"{where} is required and missing")]
    if rule in {"additionalProperties", "falseSchema"} and isinstance(node, Mapping):
        extra = list(limit) if rule == "additionalProperties" else list(node)
        return [_unexpected((*path, name), node[name]) for name in extra]
    text = _not_one_of(node, limit) if rule == "enum" and isinstance(limit, list) else str(error.message)
    return [Problem(format_path(path), node, _rule(rule, limit), _cut(text))]


def _unexpected(path: tuple[str | int, ...], value: object) -> Problem:
    where = format_path(path)
    return Problem(where, value, "additionalProperties", f"{where} is no field of this message")


def _not_one_of(value: object, options: list[object]) -> str:
    return f"{value!r} is not one of: {', '.join(str(option) for option in options)}"


def _rule(name: str, limit: object) -> str:
    if name == "enum":
        return name
    if isinstance(limit, list):
        limit = " or ".join(str(one) for one in limit)
    return f"{name} {limit}"


def _at(payload: object, path: tuple[str | int, ...]) -> Any:
    node: Any = payload
    for step in path:
        node = node[step]
    return node


def _cut(text: str) -> str:
    return text if len(text) <= _MESSAGE_LIMIT else f"{text[:_MESSAGE_LIMIT]}... ({len(text)} characters)"
