"""`python -m workers` with little patience: short leases, small batches, little time to come to an end."""

from datetime import timedelta

from app.scanning import scan_state
from app.scanning.source import Bounds
from workers import __main__ as process
from workers import lane

if __name__ == "__main__":
    lane.LEASE = 1.0  # type: ignore[misc]
    scan_state.LEASE = timedelta(seconds=1)  # type: ignore[misc]
    process.TICK = 0.5  # type: ignore[misc]
    process.COMPLETION = 0.3  # type: ignore[misc]
    setattr(process, "Bounds", lambda **_: Bounds(batch=10_000, sightings=50, idle=timedelta(seconds=1)))  # noqa: B010
    process.main()
