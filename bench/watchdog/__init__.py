"""The process beside a run that brings the bench to its safe state when the harness cannot do it any more."""
