"""A stand-in for the program `kubectl`, as far as it concerns pods and the logs of their containers.

It behaves as version 1.32 does with a node of the same age: `--since-time` is asked of each line anew and counts whole
seconds; the parts of a long line are put together again, with the first one's timestamp. With a file `old` in the folder
the node is old: each part has its own. `pods.json` says what there is, `ID.log` are the logs; `NODE-gone-POD`: the pod's
node cannot be reached.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.scanning.stand_ins import container_logs as logs

Answer = tuple[bytes, bytes, int]


def kubectl(folder: Path, words: list[str]) -> Answer:
    """What the program writes to standard output and error, and its exit status."""
    options, names = _split(words[1:])
    found = json.loads((folder / "pods.json").read_text())
    if options.get("namespace") != found["namespace"]:
        return _refused(f'Error from server (NotFound): namespaces "{options.get("namespace")}" not found')
    match words[0], names:
        case "get", ["pods"]:
            pods = [pod for pod in found["pods"] if _has(pod, options["selector"])]
            return _shown({"kind": "List", "items": [_pod(pod) for pod in pods]})
        case "get", ["pods", name]:
            named = [pod for pod in found["pods"] if pod["name"] == name]
            return (
                _shown(_pod(named[0]))
                if named
                else _refused(f'Error from server (NotFound): pods "{name}" not found')
            )
        case "get", [name] if name in found["controllers"]:
            return _shown(
                {"kind": "Deployment", "spec": {"selector": found["controllers"][name], "replicas": 1}}
            )
        case "logs", [name]:
            named = [pod for pod in found["pods"] if pod["name"] == name]
            return _logs(folder, named[0], options) if named else _refused(f'pods "{name}" not found')
    return _refused(f"error: {words} is not understood")


def _split(words: list[str]) -> tuple[dict[str, str], list[str]]:
    end = words.index("--")
    options: dict[str, str] = {}
    given = iter(words[:end])
    for word in given:
        name, is_set, value = word.removeprefix("--").partition("=")
        options[name] = value if is_set else "true" if name == "timestamps" else next(given)
    return options, words[end + 1 :]


def _has(pod: dict[str, Any], selector: str) -> bool:
    return all(pod["labels"].get(part.split("=")[0]) == part.split("=")[1] for part in selector.split(","))


def _pod(pod: dict[str, Any]) -> dict[str, Any]:
    status = {"name": "odoo", "containerID": pod["id"], "restartCount": 1, "ready": True, "lastState": {}}
    if pod["previous"]:
        status["lastState"] = {"terminated": {"containerID": pod["previous"], "exitCode": 137}}
    return {
        "metadata": {"name": pod["name"], "uid": pod["uid"], "labels": pod["labels"]},
        "spec": {"containers": [{"name": "odoo", "image": "odoo:17"}, {"name": "proxy"}]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "proxy"}, status]},
    }


def _logs(folder: Path, pod: dict[str, Any], options: dict[str, str]) -> Answer:
    if (folder / f"NODE-gone-{pod['name']}").exists():
        return _refused('Error from server: Get "https://10.0.0.7:10250/containerLogs": no route to host')
    container = pod["id"]
    if options.get("previous") == "true":
        container = pod["previous"]
        if not container or not (folder / f"{container}.log").exists():
            return _refused(
                'Error from server (BadRequest): previous terminated container "odoo" in pod "odoo" not found'
            )
    path = folder / f"{container}.log"
    if not path.exists():
        return f"unable to retrieve container logs for containerd://{container}".encode(), b"", 0
    log = logs.messages(path)
    if "tail" in options:
        log = logs.last_lines(log, int(options["tail"]))
    begin = (
        logs.nanoseconds(options["since-time"]) // logs.SECOND * logs.SECOND
        if "since-time" in options
        else None
    )
    said, is_begin = b"", True
    for message in logs.since(log, begin, is_lasting=False):
        if is_begin or (folder / "old").exists():
            said += logs.stamp(message.time)
        said += message.text
        is_begin = message.text.endswith(b"\n")
    return said, b"", 0


def _shown(found: dict[str, Any]) -> Answer:
    return json.dumps(found, indent=4).encode() + b"\n", b"", 0


def _refused(words: str) -> Answer:
    return b"", words.encode() + b"\n", 1


if __name__ == "__main__":
    text, complaint, status = kubectl(Path(sys.argv[1]), sys.argv[2:])
    sys.stdout.buffer.write(text)
    sys.stderr.buffer.write(complaint)
    sys.exit(status)
