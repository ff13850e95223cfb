"""A process that has loaded everything and forks a child for each command, so that a command starts in milliseconds.

It reads requests from its standard input, one JSON object a line, and answers each with one. A child is a session of
its own: whoever is left of it can be found. It can count its file-system events, kill itself at one, or find the disk
full from one on. What a child that was left alone has imported, this process imports too, so that its sisters need not.
"""

import atexit
import contextlib
import errno
import faulthandler
import gc
import importlib
import json
import os
import resource
import signal
import sys

LOADED = (
    "halocline.cli.main",
    "halocline.systems.training",
    "halocline.systems.loading",
    "halocline.systems.forecasting",
)
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate", "shutil.rmtree"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def serve():
    """Answer requests until the input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        if "poll" in request:
            pid, status = os.waitpid(request["poll"], os.WNOHANG)
            answer = {"code": os.waitstatus_to_exitcode(status) if pid else None}
        elif "learn" in request:
            answer = {"learnt": learn(request["learn"])}
        else:
            pid = os.fork()
            if pid == 0:
                return become(request)
            answer = {"pid": pid}
        print(json.dumps(answer), flush=True)
    return None


def learn(path):
    """Import what a child has imported; return how many modules these were."""
    with open(path) as file:
        names = [name for name in file.read().split() if name not in sys.modules]
    for name in names:
        with contextlib.suppress(Exception):  # a part of another module under a name of its own
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # children need not look through all this again, each copying its pages
    return len(names)


def tell_imports(path, pid):
    """Write the names of all modules to a file, unless this is a fork of the process that was asked to."""
    if os.getpid() == pid:
        with open(path, "w") as file:
            file.write("\n".join(sys.modules))


def become(request):
    """Run a command in this process, as the command line would."""
    os.setsid()
    os.chdir(request["cwd"])
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for handle, target in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
        os.dup2(handle, target)
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    for name, value in request["patches"].items():
        module, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(module), attribute, named(value))
    if request["largest_file"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["largest_file"], resource.RLIM_INFINITY))
    if request["at"] is not None or request["events"]:
        sys.addaudithook(Events(request))
    if request["imports"]:
        atexit.register(tell_imports, request["imports"], os.getpid())
    sys.argv = ["halocline", *request["command"]]
    from halocline.cli.main import main

    main()


def named(value):
    """Return a value, or what an import path after ``@`` names."""
    if not (isinstance(value, str) and value.startswith("@")):
        return value
    module, _, attribute = value[1:].rpartition(".")
    return getattr(importlib.import_module(module), attribute)


class Events:
    """Counts what changes the child's folder; at one event it kills the process, or the disk is full from it on."""

    def __init__(self, request):
        self._cwd, self._at, self._full, self._count = request["cwd"], request["at"], request["full"], 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._file = os.open(request["events"], flags) if request["events"] else None

    def __call__(self, event, arguments):
        if event == "open":
            path, _, flags = arguments
            if not (isinstance(flags, int) and flags & WRITES):
                return
        elif event in CHANGES and not self._full:
            path = arguments[0]
        else:
            return
        if not isinstance(path, str | os.PathLike) or not os.path.abspath(path).startswith(self._cwd):
            return
        self._count += 1
        if self._file is not None:
            where = os.path.relpath(os.path.abspath(path), self._cwd)
            os.write(self._file, f"{event} {where}\n".encode())
        if self._at is not None and self._count >= self._at:
            if self._full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    for name in LOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    serve()
