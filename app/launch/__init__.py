"""Everything at once in the foreground: servers, API, workers, each started again when it dies.

Comes in: the settings, and the environment that the processes get. Goes out: a Snaglist that is reached at one
address, until SIGTERM or Ctrl-C, and then nothing that still runs.

    python -m app.launch     the supervisor, in its main thread
      PostgreSQL, Valkey     where the settings name no others
      snaglist: API          app.launch.api, on the socket that the supervisor has opened
      snaglist: worker 1     workers.__main__, SNAGLIST_WORKERS times
      snaglist: demo         app.demo.run, where DEMO=1

On Linux the supervisor imports once what its processes run, and forks them, so that they hold it in memory together, and
are there again at once when one has died. Elsewhere each is a Python of its own.
"""
