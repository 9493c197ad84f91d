"""Virtual charging stations: a firmware core independent of OCPP, and one protocol stack a version.

The stacks speak through the public `ocpp` package and share no protocol code with the judge (`harness.ocppj`), so
that a misreading of the standard has to be made twice to go unnoticed.
"""
