"""Provocations (ROB_...): what a station makes of a CSMS, a network or a driver that does what none should, on any OCPP version."""
