"""Everything at once in the foreground: servers, API, workers, each started again when it dies.

Comes in: the settings, and the environment that the processes get. Goes out: a Snaglist that is reached at one
address, until SIGTERM or Ctrl-C, and then nothing that still runs.

    python -m app.launch            the supervisor, in its main thread
      PostgreSQL, Valkey            where the settings name no others
      python -m app.launch.api FD   on the socket that the supervisor has opened
      python -m workers             SNAGLIST_WORKERS times
      python -m app.demo.run        where DEMO=1

The supervisor imports little, since its memory is of no other use.
"""
