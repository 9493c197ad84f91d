"""What stations do to their own frames on the way out: the faults that a frame alone shows."""
