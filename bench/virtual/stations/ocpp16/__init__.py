"""The OCPP 1.6 protocol stack of the virtual station, on the `ocpp` package. Sections cited are OCPP 1.6 edition 2."""
