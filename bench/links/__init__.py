"""Links to instruments: the only importers of pyvisa and pymodbus."""
