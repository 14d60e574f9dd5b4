"""`make bench`: every benchmark, one after the other."""

from benches import errors_list, grouping, pipeline, recording, scanner, starting, tracebacks

for bench in (scanner, pipeline, tracebacks, grouping, recording, errors_list, starting):
    bench.run()
