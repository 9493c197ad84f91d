"""Wrong behaviours of the OCPP 2.0.1 stations with passwords and certificates. Requirement ids are those of part 2, edition 3."""

from bench.virtual.stations.fault import Fault

_V = ("2.0.1",)

FAULTS201_SECURITY: tuple[Fault, ...] = (
    Fault(
        "leaf_taken_for_root",
        _V,
        "accepts a certificate that is no root, and has none of it afterwards",
        "M05.FR.02, FR.07; M03.FR.04",
    ),
    Fault(
        "certificates_listed_by_type_only",
        _V,
        "finds no certificate where GetInstalledCertificateIds names no type",
        "M03.FR.03, FR.04",
    ),
    Fault(
        "certificate_asked_for_in_haste",
        _V,
        "sends SignCertificate again after a quarter of a second, and never less often",
        "A02.FR.17, FR.18",
    ),
    Fault(
        "listed_root_not_found",
        _V,
        "lists a root certificate and does not find it when it is to be deleted",
        "M04.FR.02",
    ),
)
