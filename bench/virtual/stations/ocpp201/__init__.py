"""The OCPP 2.0.1 protocol stack of the virtual station, on the `ocpp` package."""
