"""What a throw-away server of any engine does once it is up: build, say how to get in, wait."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_up_when_stopped() -> None:
    """Let a server that is stopped from elsewhere clean up as by Ctrl-C."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def build(target: str, environment: Mapping[str, str], arguments: Sequence[str]) -> None:
    """Build with dbt, whose unit tests are not about a server."""
    command = [str(Path(sys.executable).with_name("dbt")), "build", "--target", target]
    command += ["--target-path", f"target/{target}", "--exclude-resource-type", "unit_test"]
    subprocess.run([*command, *arguments], env={**os.environ, **environment}, check=False)  # noqa: S603


def wait(name: str, environment: Mapping[str, str], hints: Sequence[str]) -> None:
    """Say how to get in from another shell, until Ctrl-C."""
    print(f"\n{name} is up until Ctrl-C, and then gone. In another shell:\n")
    for variable, value in environment.items():
        print(f"export {variable}={value}")
    print("", *hints, sep="\n")
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()
