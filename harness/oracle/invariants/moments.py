"""Times in messages: RFC 3339 / ISO 8601 texts as seconds since 1970."""

from datetime import UTC, datetime


def seconds_of(text: object) -> float | None:
    """Seconds since 1970 UTC; a time without a zone is taken as UTC. None for what is no time, whatever JSON has there."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).timestamp()
