# SPDX-License-Identifier: GPL-2.0-or-later
"""What the benchmarks share: the load, programs that refresh again and again, and their CPU time."""
import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import termios
import threading
import time

QUIET_SECONDS = 0.25    # output that pauses so long has finished a refresh


def fields(line):
    """The key=value words of a line, numbers as numbers."""
    found = {}
    for word in line.split():
        key, sign, value = word.partition("=")
        if sign:
            try:
                found[key] = float(value) if "." in value else int(value)
            except ValueError:
                found[key] = value
    return found


def cpu_seconds(pid):
    """CPU time of all living threads of a process, to the nanosecond where the kernel has schedstat."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0]) / 1e9
        except FileNotFoundError:
            with open(f"/proc/{pid}/task/{task}/stat", encoding="utf-8", errors="replace") as file:
                after = file.read().rpartition(")")[2].split()
            total += (int(after[11]) + int(after[12])) / os.sysconf("SC_CLK_TCK")
    return total


def memory_kib(pid):
    """(VmRSS, VmHWM) of a process."""
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        lines = dict(line.split(":", 1) for line in file if ":" in line)
    return int(lines["VmRSS"].split()[0]), int(lines["VmHWM"].split()[0])


def run_once(command):
    """Runs a command to its end. Returns its stdout, CPU seconds and wall seconds."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return out.decode("utf-8", "replace"), usage.ru_utime + usage.ru_stime, time.monotonic() - start


def end(process):
    """Ends a child that we started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Commanded:
    """A mode of memtide-load: says "ready ...", then answers commands."""

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, *map(str, arguments)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready"):
            end(self.process)
            raise RuntimeError(f"memtide-load {arguments}: {line.strip() or 'did not start'}")
        self.ready = fields(line)

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line.startswith("ok"):
            raise RuntimeError(f"memtide-load: {command}: {line.strip() or 'is gone'}")
        return fields(line)

    def check(self):
        """A measurement without its load would look splendid."""
        if self.process.poll() is not None:
            raise RuntimeError("memtide-load ended before its time: nothing measured counts")

    def close(self):
        end(self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Refreshing:
    """A program that writes its refreshes to a pipe or a terminal, told apart by the pauses between them."""

    def __init__(self, command, terminal=False, environment=None, keep=False):
        self.bursts = 0
        self.last = time.monotonic()
        self.kept = b"" if keep else None
        if terminal:
            main, worker = pty.openpty()
            fcntl.ioctl(worker, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
            self.process = subprocess.Popen(command, stdin=worker, stdout=worker, stderr=subprocess.DEVNULL,
                                            env=environment, start_new_session=True)
            os.close(worker)
            self.fd = main
        else:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=subprocess.DEVNULL, env=environment)
            self.fd = self.process.stdout.fileno()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while True:
            try:
                data = os.read(self.fd, 1 << 20)
            except OSError:
                return
            if not data:
                return
            now = time.monotonic()
            if now - self.last > QUIET_SECONDS or self.bursts == 0:
                self.bursts += 1
            self.last = now
            if self.kept is not None:
                self.kept = (self.kept + data)[-1 << 16:]

    def settle(self, bursts, timeout=120.0):
        """Waits until so many refreshes were seen altogether and the last one is written in full."""
        limit = time.monotonic() + timeout
        while self.bursts < bursts or time.monotonic() - self.last < QUIET_SECONDS:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.process.args[0]} ended by itself")
            if time.monotonic() > limit:
                raise RuntimeError(f"{self.process.args[0]} was still at refresh {self.bursts} of {bursts}")
            time.sleep(0.02)

    def cpu_per_refresh(self, count):
        """CPU seconds per refresh over the next COUNT ones."""
        self.settle(self.bursts + 1)
        before, first = cpu_seconds(self.process.pid), self.bursts
        self.settle(first + count)
        return (cpu_seconds(self.process.pid) - before) / (self.bursts - first)

    def memory_kib(self):
        return memory_kib(self.process.pid)

    def close(self):
        end(self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Samples:
    """memtide's JSON Lines: complete samples, each {"system": record, "processes": [record]}."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.rest = b""
        self.sample = None

    def _lines(self, timeout):
        ready, _, _ = select.select([self.process.stdout], [], [], timeout)
        if not ready:
            return None
        data = os.read(self.process.stdout.fileno(), 1 << 20)
        if not data:
            raise RuntimeError("memtide ended by itself")
        *lines, self.rest = (self.rest + data).split(b"\n")
        return lines

    def next(self, timeout=60.0):
        """The next complete sample, as soon as memtide pauses after it."""
        limit = time.monotonic() + timeout
        while time.monotonic() < limit:
            lines = self._lines(0.1)
            if lines is None:
                if self.sample and not self.rest:
                    done, self.sample = self.sample, None
                    return done
                continue
            for line in lines:
                record = json.loads(line)
                if record["record"] == "system":
                    self.sample = {"system": record, "processes": []}
                elif record["record"] == "process" and self.sample:
                    self.sample["processes"].append(record)
        raise RuntimeError("memtide wrote no sample in time")

    def close(self):
        end(self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def middle(values):
    """{"median", "min", "max", "values"} of a list."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "values": values}


def end_with_sigterm():
    """SIGTERM unwinds, so that everything started is ended."""
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(1)))
