"""The library of field defects: what chargers in the field did wrong, and the switches of the virtual stations that do the same."""
