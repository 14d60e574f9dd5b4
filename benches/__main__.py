"""`make bench`: every benchmark, one after the other."""

from benches import grouping, pipeline, recording, scanner, tracebacks

for bench in (scanner, pipeline, tracebacks, grouping, recording):
    bench.run()
