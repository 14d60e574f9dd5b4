"""`make bench`: every benchmark, one after the other."""

from benches import (
    alert_latency,
    alerts,
    errors_list,
    events,
    grouping,
    lists,
    live_latency,
    live_subscribers,
    many_instances,
    merging,
    pipeline,
    recording,
    scanner,
    ssh,
    starting,
    tracebacks,
)

for bench in (
    scanner,
    pipeline,
    tracebacks,
    grouping,
    recording,
    errors_list,
    lists,
    merging,
    starting,
    ssh,
    many_instances,
    events,
    live_latency,
    live_subscribers,
    alerts,
    alert_latency,
):
    bench.run()
