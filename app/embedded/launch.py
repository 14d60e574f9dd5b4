"""Become a server: `python -I -S launch.py PARENT SIGNAL UID GID PROGRAM ARGUMENT...`, a script of its own.

It is started instead of the server and turns into it, keeping its pid and working folder, which it opens as file 3
for a server that could not do so. Before that it gives up root's rights (a UID of -1 keeps them) and asks the kernel
to send SIGNAL when PARENT dies, so that even kill -9 of the parent leaves no server behind. A fork with code in it
could do the same, but not safely in a process with threads. Only Linux can send that signal; elsewhere the next start
ends what it finds.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def become(parent: int, death_signal: int, uid: int, gid: int, command: list[str]) -> None:
    """Turn into `command`; OSError: that is not possible."""
    libc = ctypes.CDLL(None)  # while its file can still be read
    signal.signal(death_signal, signal.SIG_DFL)  # a handler of Python's would be forgotten with Python
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.umask(0o077)
    os.dup2(os.open(".", os.O_RDONLY), 3)
    os.set_inheritable(3, True)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_PDEATHSIG, death_signal)  # after setuid, which clears it
    if os.getppid() != parent:
        sys.exit("the parent died before the server began")
    os.execv(command[0], command)  # noqa: S606  no shell is what we want


if __name__ == "__main__":
    parent, death_signal, uid, gid = map(int, sys.argv[1:5])
    try:
        become(parent, death_signal, uid, gid, sys.argv[5:])
    except OSError as error:
        sys.exit(f"cannot run {sys.argv[5]}{f' as uid {uid}' if uid >= 0 else ''}: {error}")
