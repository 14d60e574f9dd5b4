"""`make bench`: every benchmark, one after the other."""

from benches import grouping, pipeline, scanner, tracebacks

for bench in (scanner, pipeline, tracebacks, grouping):
    bench.run()
