"""The RPC error codes of each OCPP version."""

from harness.ocppj.version import OcppVersion

# OCPP-J 1.6, 4.2.3, table 7. Errata 5.1 and 5.2 keep two faulty names: "Occurence..." (the published spelling) and
# "FormationViolation"; 5.1's right spelling is in the table as reprinted, so both are taken.
_CODES_1_6 = frozenset(
    {
        "NotImplemented",
        "NotSupported",
        "InternalError",
        "ProtocolError",
        "SecurityError",
        "FormationViolation",
        "PropertyConstraintViolation",
        "OccurenceConstraintViolation",
        "OccurrenceConstraintViolation",
        "TypeConstraintViolation",
        "GenericError",
    }
)

# OCPP 2.0.1 Part 4, 4.3, table 8; OCPP 2.1 Part 4, 4.3, table 9: the same twelve.
_CODES_2 = frozenset(
    {
        "FormatViolation",
        "GenericError",
        "InternalError",
        "MessageTypeNotSupported",
        "NotImplemented",
        "NotSupported",
        "OccurrenceConstraintViolation",
        "PropertyConstraintViolation",
        "ProtocolError",
        "RpcFrameworkError",
        "SecurityError",
        "TypeConstraintViolation",
    }
)

ERROR_CODES = {OcppVersion.V1_6: _CODES_1_6, OcppVersion.V2_0_1: _CODES_2, OcppVersion.V2_1: _CODES_2}

LATER_SPELLINGS_1_6 = frozenset({"FormatViolation"})
"""Codes that OCPP-J 1.6 errata 5.2 calls right in itself, yet leaves to later versions."""

ERROR_CODE_CLAUSES = {
    OcppVersion.V1_6: "OCPP-J 1.6, 4.2.3, table 7",
    OcppVersion.V2_0_1: "OCPP 2.0.1 Part 4, 4.3, table 8",
    OcppVersion.V2_1: "OCPP 2.1 Part 4, 4.3, table 9",
}
