"""A stand-in of GitHub's REST API v3 (2022-11-28) for tests, as strict as GitHub is.

`stand_in.started()` in this process, `process.running()` as a process of its own; `keys.key_pair()` makes an App's key.
"""
