"""Machines that are reached over SSH: `target` says which, `ssh_host` runs commands there, `host_key` shows who answers.

Nothing here knows what a log is. Connections are shared by everybody in the process, and live on a thread of their
own: the callers are threads that may wait.
"""
