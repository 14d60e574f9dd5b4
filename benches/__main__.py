"""`make bench`: every benchmark, one after the other."""

from benches import (
    errors_list,
    grouping,
    many_instances,
    pipeline,
    recording,
    scanner,
    ssh,
    starting,
    tracebacks,
)

for bench in (scanner, pipeline, tracebacks, grouping, recording, errors_list, starting, ssh, many_instances):
    bench.run()
