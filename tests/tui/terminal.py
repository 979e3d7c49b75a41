# SPDX-License-Identifier: GPL-2.0-or-later
"""The program on a terminal: what it takes, and that it gives it back however it ends.

Each session is a pseudo-terminal with a small shell of our own as its session leader, which runs memtide as a job, so that Ctrl-Z and
fg mean what they do elsewhere. The terminal's modes are asked of the kernel, and what a capability looks like of tput.
"""
import fcntl
import json
import os
import random
import re
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import tty

PATIENCE = int(os.environ.get("MEMTIDE_TEST_PATIENCE", 60))  # seconds until something that does not happen is given up
SANITIZERS_ASIDE = ":handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0"
COLOUR = re.compile(rb"\x1b\[(?:\d*[;:])*(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?:[;:]\d*)*m")


class Broken(Exception):
    pass


def capability(term, name, *arguments):
    """What the terminal is to be sent for a capability, or None."""
    done = subprocess.run(["tput", "-x", "-T", term, name, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    return re.sub(rb"\$<[^>]*>", b"", done.stdout) if done.returncode == 0 and done.stdout else None


def shell(control, arguments, environment, stderr):
    """Runs a job in the foreground of our terminal and tells CONTROL how it stopped and ended. Never returns."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        os.dup2(stderr, 2)
        for number in (signal.SIGTTOU, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.execvpe(arguments[0], arguments, environment)
    control.sendall(json.dumps({"pid": job}).encode() + b"\n")
    commands = control.makefile("r")
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        try:
            os.tcsetpgrp(0, os.getpid())
        except OSError:
            pass  # it has gone
        if os.WIFSTOPPED(status):
            control.sendall(b'{"stopped": true}\n')
            if commands.readline() == "fg\n":
                os.tcsetpgrp(0, job)
            os.killpg(job, signal.SIGCONT)
            continue
        ended = {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {"exit": os.WEXITSTATUS(status)}
        control.sendall(json.dumps(ended).encode() + b"\n")
        os._exit(0)


class Session:
    """memtide on a terminal of its own."""

    def __init__(self, term="xterm-256color", size=(24, 80), arguments=("-d", "0.3"), **environment):
        self.term = term
        self.output = b""
        self.messages = tempfile.TemporaryFile()
        self.home = tempfile.mkdtemp(dir=os.environ.get("abs_top_builddir"))
        self.environment = {key: value for key, value in os.environ.items()
                            if key not in ("NO_COLOR", "COLORTERM", "COLORFGBG", "LINES", "COLUMNS", "TERM", "LANG",
                                           "LC_CTYPE")}
        self.environment.update({"LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": self.home})
        self.environment["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + SANITIZERS_ASIDE
        if term is not None:
            self.environment["TERM"] = term
        # For a Linux console ncurses loads libgpm, which leaks the name of the terminal.
        if term == "linux":
            self.environment["ASAN_OPTIONS"] += ":detect_leaks=0"
        for key, value in environment.items():
            self.environment[key] = value
        # The other end stays open here, so that what was written to it and its modes can be read at the end.
        self.master, self.slave = os.openpty()
        self.resize(*size)
        self.modes = termios.tcgetattr(self.master)
        ours, theirs = socket.socketpair()
        self.leader = os.fork()
        if self.leader == 0:
            try:
                os.close(self.master)
                ours.close()
                os.setsid()
                fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
                for fd in (0, 1):
                    os.dup2(self.slave, fd)
                shell(theirs, ["memtide", *arguments], self.environment, self.messages.fileno())
            finally:
                os._exit(99)
        theirs.close()
        self.control = ours
        self.reports = b""
        self.over = False  # the shell has ended
        self.pid = self.report()["pid"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        try:
            self.control.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.control.close()
        os.close(self.slave)
        os.waitpid(self.leader, 0)
        if self.master >= 0:
            os.close(self.master)
        self.messages.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def pump(self, seconds):
        """Reads what there is on the terminal and from the shell, waiting for at most SECONDS."""
        watched = ([] if self.over else [self.control]) + ([self.master] if self.master >= 0 else [])
        ready, _, _ = select.select(watched, [], [], seconds)
        if self.master in ready:
            self.output += os.read(self.master, 65536)
        if self.control in ready:
            data = self.control.recv(4096)
            self.over = not data
            self.reports += data
        return bool(ready)

    def wait(self, what, true):
        end = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > end:
                raise Broken(f"{what}: did not happen in {PATIENCE} s")
            if self.over and not self.reports:
                raise Broken(f"{what}: ended before; {self.text()!r}")
            self.pump(0.05)

    def report(self):
        self.wait("a report", lambda: b"\n" in self.reports)
        line, self.reports = self.reports.split(b"\n", 1)
        return json.loads(line)

    def drawn(self):
        """Waits for a whole first drawing: the program holds the terminal and has nothing more to send."""
        self.wait("drawing", lambda: not termios.tcgetattr(self.master)[3] & termios.ICANON and len(self.output) > 100)
        return self.output

    def redrawn(self, before):
        """Waits until what came after BEFORE bytes took the terminal again and cleared it."""
        start = capability(self.term, "smcup")
        clear = capability(self.term, "clear")
        self.wait("drawing anew", lambda: clear in self.output[before:].partition(start)[2])

    def ended(self):
        report = self.report()
        while self.pump(0):  # what it sent before is there
            pass
        return report

    def send(self, data):
        os.write(self.master, data)

    def kill(self, number):
        os.kill(self.pid, number)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def text(self):
        self.messages.seek(0)
        return self.messages.read().decode()

    def restored(self):
        """What is not as it was, '' when all is."""
        if termios.tcgetattr(self.master) != self.modes:
            return "modes differ"
        for name in ("rmcup", "cnorm", "sgr0"):
            wanted = capability(self.term, name)
            undone = {"rmcup": "smcup", "cnorm": "civis"}.get(name)
            undone = capability(self.term, undone) if undone else None
            if not wanted:
                continue
            if wanted not in self.output:
                return f"no {name}"
            if undone and self.output.rfind(undone) > self.output.rfind(wanted):
                return f"{name} and then {self.output[self.output.rfind(wanted):]!r}"
        return ""


count = 0
failures = 0


def point(true, name, detail=""):
    global count, failures
    count += 1
    failures += not true
    print(f"{'ok' if true else 'not ok'} {count} - {name}", flush=True)
    if not true and detail:
        print(f"# {detail}", flush=True)


def skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}", flush=True)


def check(test, *arguments):
    try:
        test(*arguments)
    except (Broken, OSError, termios.error) as broken:
        point(False, f"{test.__name__}{arguments}", repr(broken))


# -- where there is no terminal to use ------------------------------------------------------------------------

def refused(name, session):
    with session:
        status = session.ended()
        text = session.text()
        good = status == {"exit": 2} and "-b" in text and text.count("\n") == 1 and text.startswith("memtide: ")
        point(good, f"{name}: one line that names -b, exit 2", f"{status} {text!r}")
        point(not session.output and termios.tcgetattr(session.master) == session.modes,
              f"{name}: the terminal is untouched", repr(session.output))


def refusals():
    refused("TERM unset", Session(term=None))
    for term in ("", "dumb", "unknown", "no-such-terminal", "../x/xterm", "x" * 5000, "\033[31m"):
        refused(f"TERM={term[:20]!r}", Session(term=term))
    for name, redirection in (("standard input", "</dev/null"), ("standard output", ">/dev/null")):
        session = subprocess.run(["sh", "-c", f"memtide {redirection}"], stdin=SPARE, stdout=SPARE, stderr=subprocess.PIPE,
                                 env={**os.environ, "TERM": "xterm"}, check=False)
        point(session.returncode == 2 and b"-b" in session.stderr and name.encode() in session.stderr,
              f"{name} is no terminal: a line that names it and -b, exit 2", repr(session))


# -- terminals ------------------------------------------------------------------------------------------------

def works(term, environment):
    with Session(term=term, **environment) as session:
        drawn = session.drawn()
        session.send(b"q")
        status = session.ended()
        point(status == {"exit": 0}, f"{term}: q ends it with 0", f"{status} {session.text()!r}")
        point(not session.restored(), f"{term}: restored", session.restored())
        point(not session.text(), f"{term}: nothing on standard error", session.text())
        return drawn


def colours():
    direct = tempfile.mkdtemp(dir=os.environ.get("abs_top_builddir"))
    source = r"""xterm-direct|for this test, RGB, colors#0x1000000, pairs#0x10000, ccc@, initc@,
	setaf=\E[%?%p1%{8}%<%t3%p1%d%e38:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%d%;m,
	setab=\E[%?%p1%{8}%<%t4%p1%d%e48:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%d%;m, use=xterm-256color,
"""
    made = subprocess.run(["tic", "-x", "-o", direct, "-"], input=source.encode(), check=False, capture_output=True)
    for name, environment, rgb in (("TERM=xterm-direct", {"term": "xterm-direct"}, True),
                                   ("COLORTERM=truecolor", {"COLORTERM": "truecolor"}, True),
                                   ("COLORTERM unset", {}, False)):
        if made.returncode:
            skip(f"{name}: 24-bit colours", "tic is not there")
            continue
        with Session(TERMINFO=direct, TERMINFO_DIRS="/etc/terminfo:/lib/terminfo:/usr/share/terminfo",
                     **environment) as session:
            session.drawn()
            session.wait("colours", lambda: COLOUR.search(session.output))
            point((b"\x1b[38:2::" in session.output) == rgb, f"{name}: 24-bit colours {'' if rgb else 'not '}used",
                  repr(session.output[:2000]))
            session.send(b"q")
            point(session.ended() == {"exit": 0} and not session.restored(), f"{name}: restored", session.restored())
    shutil.rmtree(direct)


def terminals():
    for term in ("vt100", "linux", "xterm", "screen", "tmux-256color", "ansi", "rxvt"):
        if capability(term, "clear"):
            check(works, term, {})
        else:
            skip(term, "terminfo does not have it")
    drawn = works("xterm-256color", {})
    point(COLOUR.search(drawn), "colours where the terminal has them", repr(drawn))
    drawn = works("xterm-256color", {"NO_COLOR": "1"})
    point(not COLOUR.search(drawn), "NO_COLOR: none", repr(COLOUR.search(drawn)))
    drawn = works("xterm-256color", {"LC_ALL": "C"})
    point(not re.search(rb"[\x80-\xff]", drawn), "LC_ALL=C: ASCII only", repr(drawn))
    works("xterm-256color", {"LC_ALL": "xx_XX.no-such"})
    colours()


# -- ways to end ----------------------------------------------------------------------------------------------

def ends(number, expected, by_key=None):
    with Session() as session:
        session.drawn()
        name = signal.Signals(number).name if number < signal.SIGRTMIN else f"signal {number}"
        if by_key:
            session.send(by_key)
        else:
            session.kill(number)
        status = session.ended()
        point(status == expected, f"{name}{' by key' if by_key else ''}: {expected}", f"{status} {session.text()!r}")
        point(not session.restored(), f"{name}: restored", session.restored())


def hangup():
    with Session() as session:
        session.drawn()
        os.close(session.master)
        session.master = -1
        status = session.report()
        point(status == {"exit": 1} and not session.text(), "the terminal goes away: exit 1 without a word",
              f"{status} {session.text()!r}")


def stuck():
    """Whose terminal takes no output can still be ended."""
    with Session() as session:
        session.drawn()
        session.send(b"\x13")
        while session.pump(1):
            pass
        session.kill(signal.SIGTERM)
        point(session.ended() == {"exit": 0}, "SIGTERM while Ctrl-S holds output: 0")
        point(not session.restored(), "SIGTERM while Ctrl-S holds output: restored", session.restored())


def endings():
    check(ends, signal.SIGTERM, {"exit": 0})
    check(ends, signal.SIGINT, {"exit": 0})
    check(ends, signal.SIGINT, {"exit": 0}, b"\x03")
    check(ends, signal.SIGQUIT, {"exit": 0}, b"\x1c")
    check(ends, signal.SIGHUP, {"exit": 1})
    for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT, signal.SIGTRAP, signal.SIGSYS,
                   signal.SIGXCPU, signal.SIGUSR1, signal.SIGALRM, signal.SIGRTMIN + 3):
        check(ends, number, {"signal": int(number)})
    check(hangup)
    check(stuck)


# -- suspension -----------------------------------------------------------------------------------------------

def suspension():
    with Session() as session:
        session.drawn()
        for turn in range(1, 11):  # often: a Ctrl-Z that comes during a drawing must not be lost
            session.send(b"\x1a")
            point(session.report() == {"stopped": True}, f"Ctrl-Z stops it, {turn}")
            while session.pump(0):
                pass
            point(not session.restored(), f"Ctrl-Z: restored, {turn}", session.restored())
            before = len(session.output)
            session.resize(30, 100)
            session.control.sendall(b"fg\n")
            session.redrawn(before)
            point(True, f"fg: drawn anew, {turn}")
        session.send(b"q")
        point(session.ended() == {"exit": 0} and not session.restored(), "fg, then q: 0, restored", session.restored())


def stopped_and_killed():
    """Continued in the background to be killed, it leaves the terminal to the shell."""
    with Session() as session:
        session.drawn()
        session.send(b"\x1a")
        session.report()
        while session.pump(0.2):
            pass
        shells = termios.tcgetattr(session.master)
        shells[3] &= ~termios.ECHO
        termios.tcsetattr(session.master, termios.TCSANOW, shells)
        before = len(session.output)
        session.kill(signal.SIGTERM)
        session.control.sendall(b"bg\n")
        status = session.ended()
        point(status == {"exit": 0} and len(session.output) == before and termios.tcgetattr(session.master) == shells,
              "SIGTERM while stopped: ends without touching the terminal", f"{status} {session.output[before:]!r}")


def stopped_unasked():
    with Session() as session:
        session.drawn()
        session.kill(signal.SIGSTOP)
        session.report()
        while session.pump(0.2):
            pass
        before = len(session.output)
        session.control.sendall(b"fg\n")
        session.redrawn(before)
        point(True, "SIGSTOP and SIGCONT: drawn anew")
        session.send(b"q")
        point(session.ended() == {"exit": 0} and not session.restored(), "SIGSTOP, SIGCONT, q: 0, restored",
              session.restored())


# -- sizes ----------------------------------------------------------------------------------------------------

def positions(output):
    """Rows and columns that the cursor is placed at, from 1; where only the row is given, column 1."""
    return [(int(row or 1), int(column or 1)) for row, column in re.findall(rb"\x1b\[(\d*);?(\d*)[Hd]", output)]


def resizes():
    generator = random.Random(7)
    with Session(size=(1, 1), arguments=("-d", "60")) as session:
        session.wait("modes", lambda: not termios.tcgetattr(session.master)[3] & termios.ICANON)
        for i in range(300):
            session.resize(*[(1, 1), (0, 0), (200, 500), (2, 500), (200, 1)][i % 10] if i % 10 < 5 else
                           (generator.randint(1, 60), generator.randint(1, 200)))
            session.pump(0.01 if i % 3 else 0)
        session.resize(10, 40)
        while session.pump(0.5):  # what it had still to draw
            pass
        session.output = b""
        session.send(b"\x0c")
        session.wait("drawing", lambda: len(session.output) > 100)
        outside = [place for place in positions(session.output) if place[0] > 10 or place[1] > 40]
        point(positions(session.output) and not outside, "after 300 resizes: drawn within 10 rows of 40", repr(outside))
        session.send(b"q")
        point(session.ended() == {"exit": 0} and not session.restored(), "after 300 resizes: q ends it, restored",
              session.restored())
    with Session(size=(0, 0), LINES="12", COLUMNS="50") as session:
        session.drawn()
        session.send(b"q")
        session.ended()
        rows = max(place[0] for place in positions(session.output))
        point(rows == 12, "no size, LINES=12: drawn on 12 rows", str(rows))


# -- thrift ---------------------------------------------------------------------------------------------------

def quiet():
    with Session(arguments=("-d", "0.2")) as session:
        session.drawn()
        session.send(b"Z")
        session.pump(1)
        # A message about the pause may come and go.
        end = time.monotonic() + PATIENCE
        silence = 0
        while silence < 3 and time.monotonic() < end:
            silence = 0 if session.pump(1) else silence + 1
        point(silence == 3, "paused: nothing is written over 15 samples", repr(session.output[-200:]))
        before = len(session.output)
        session.send(b"Z")
        session.wait("drawing", lambda: len(session.output) > before)
        point(True, "not paused: written again")


SPARE = os.openpty()[1]
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
if not shutil.which("tput"):
    print("1..0 # SKIP tput is not there (package ncurses-bin)")
    sys.exit(0)
if "ncurses: built in" not in subprocess.run(["memtide", "-V"], capture_output=True, text=True, check=False).stdout:
    print("1..0 # SKIP built without ncurses")
    sys.exit(0)
for part in (refusals, terminals, endings, suspension, stopped_and_killed, stopped_unasked, resizes, quiet):
    check(part)
print(f"1..{count}")
sys.exit(failures > 0)
