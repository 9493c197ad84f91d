"""Modbus meters as data: one register file a model, what its values mean, and the requests that read them."""
