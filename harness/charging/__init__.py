"""Reference calculations of smart charging: pure functions from messages to limits over time."""
