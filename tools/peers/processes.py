"""Runtimes in processes of their own, of which only the one being measured may run.

Between requests a process is stopped (SIGSTOP): threads that spin while they wait for work would
otherwise slow down whatever is measured next.
"""

import ctypes
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BINARIES = ROOT / ".build/release"


LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """A stopped process would outlive a comparison that was killed, and keep its memory."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class WorkerError(Exception):
    """A runtime that cannot do what was asked, in one line."""


class Worker:
    """A process that answers one line of JSON for one line of text."""

    def __init__(self, command: list[str], startup_s: float = 300):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            cwd=HERE,
            preexec_fn=end_with_parent,
        )
        self.buffer = b""
        self.hello = self.answer(startup_s)

    def ask(self, line: str, timeout_s: float = 3600) -> dict:
        self.signal(signal.SIGCONT)
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise WorkerError(self.last_words()) from None
        return self.answer(timeout_s)

    def answer(self, timeout_s: float) -> dict:
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self.buffer:
            ready, _, _ = select.select(
                [self.process.stdout], [], [], max(0, deadline - time.monotonic())
            )
            if not ready:
                self.close()
                raise WorkerError(f"no answer in {timeout_s:.0f} s")
            chunk = os.read(self.process.stdout.fileno(), 1 << 16)
            if not chunk:
                raise WorkerError(self.last_words())
            self.buffer += chunk
        line, _, self.buffer = self.buffer.partition(b"\n")
        self.signal(signal.SIGSTOP)
        record = json.loads(line)
        if "error" in record:
            raise WorkerError(record["error"])
        return record

    def run(self, cell: str, draw: int, warmups: int, repetitions: int) -> dict:
        return self.ask(f"run {cell} {draw} {warmups} {repetitions}")

    def signal(self, number: int) -> None:
        if self.process.poll() is None:
            os.kill(self.process.pid, number)

    def last_words(self) -> str:
        code = self.process.wait()
        self.log.seek(0)
        lines = self.log.read().strip().splitlines()
        return f"ended with status {code}: {lines[-1][:300] if lines else 'no message'}"

    @property
    def peak_mb(self) -> float:
        """The largest memory it has had resident so far, in 10^6 bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        if self.alive:
            self.process.kill()
            self.process.wait()


class Stable:
    """The workers of one geometry and thread count, started when first needed."""

    def __init__(self, folder: pathlib.Path, cache: pathlib.Path, threads: int):
        self.folder, self.cache, self.threads = folder, cache, threads
        self.workers: dict[str, Worker] = {}

    def __getitem__(self, name: str) -> Worker:
        worker = self.workers.get(name)
        if worker is None or not worker.alive:
            worker = self.workers[name] = Worker(self.command(name))
        return worker

    def command(self, name: str) -> list[str]:
        threads = str(self.threads)
        if name.startswith("gliss-"):
            binary = str(BINARIES / "PeerBenchmark")
            return [binary, str(self.folder), threads, name.removeprefix("gliss-")]
        script = str(HERE / "worker.py")
        return [sys.executable, script, name, str(self.folder), str(self.cache), threads]

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()
        self.workers.clear()
