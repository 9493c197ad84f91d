"""Drivers: one file an instrument family. What each rests on is in its registration; none here has met hardware."""
