"""Plots of a case: what the bench measured, with the messages and stimuli, on one time axis. One drawing (SVG) for the report, for files and for PNG."""
