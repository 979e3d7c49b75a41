#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The real program in a real terminal: under tmux it shows, cell by cell, what memtide-screen draws for the same keys (TAP)."""
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import golden    # noqa: E402 (beside this file)

PATIENCE = int(os.environ.get("MEMTIDE_TEST_PATIENCE", 60))  # seconds until what does not come is given up
TREE = "x86_64-4k"
SIZES = ((24, 80), (50, 200))
# Keys by the names of memtide-screen; "sample" waits for what the keys before it asked for.
WALKS = (
    "", "t", "t *", "C sample", "c sample", "H sample", "G", "I", "N", "e", "E", "#", "# #", "Space Space", "h", "h PgDn", "f",
    "f Down Space", "F6", "u sample", "Z", "Tab sample", "Tab Tab sample", "/ s l e Enter", "\\ p s s > 1 M Enter", "Right Right",
    "End", "k",
)
TMUX_NAMES = {"PgDn": "PageDown", "Shift-Tab": "BTab", "Esc": "Escape"}


def tmux(*arguments):
    """A command for the server of this process; there is one at a time, and the kernel forgets its socket with it."""
    return subprocess.run(["tmux", "-f", "/dev/null", "-L", f"memtide-test-{os.getpid()}", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False).stdout.decode("utf-8", "replace")


def wanted(root, rows, columns, walk):
    """What the canvas has: the same tree, size and keys."""
    lines = [f"root {root}", f"size {rows} {columns}"]
    lines += [word if word == "sample" else f"key {word}" for word in walk.split()]
    program = os.path.join(golden.BUILD, "tests", "tui", "memtide-screen")
    done = subprocess.run([program], input="\n".join([*lines, "screen", ""]).encode(), stdout=subprocess.PIPE, check=True)
    return mask(done.stdout.decode())


def mask(text):
    """What memtide costs is another matter each time; and tmux leaves blanks at line ends out."""
    text = re.sub(r"(?m)memtide +[0-9.].*CPU.*$", "memtide (itself)", text)
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip("\n")


def shown(root, rows, columns, walk, want):
    """The screen once it is as wanted, or as it is when patience ends."""
    limit = time.monotonic() + PATIENCE
    name = f"{columns}x{rows}"
    tmux("new-session", "-d", "-s", name, "-x", str(columns), "-y", str(rows), "env", "LC_ALL=C.UTF-8",
         "TERM=screen-256color", "memtide", "--root", root, "--tier", "procfs", "--no-settings", "-d", "1")
    while " 23 processes" not in tmux("capture-pane", "-p", "-t", name) and time.monotonic() < limit:
        time.sleep(0.02)
    for word in walk.split():
        if word != "sample":
            tmux("send-keys", "-t", name, TMUX_NAMES.get(word, word))
    screen = ""
    while screen != want and time.monotonic() < limit:
        screen = mask(tmux("capture-pane", "-p", "-t", name))
        time.sleep(0.02)
    tmux("kill-session", "-t", name)
    return screen


def main():
    if not shutil.which("tmux"):
        print("1..0 # SKIP tmux is not installed")
        return 0
    root = golden.prepared(TREE)
    failed = number = 0
    # A session that stays keeps the server.
    tmux("new-session", "-d", "-s", "keep", "sleep", "3600")
    print(f"1..{len(SIZES) * len(WALKS)}")
    for rows, columns in SIZES:
        for walk in WALKS:
            want = wanted(root, rows, columns, walk)
            screen = shown(root, rows, columns, walk, want)
            number += 1
            failed += screen != want
            print(f"{'ok' if screen == want else 'not ok'} {number} - {columns}x{rows}: {walk or 'as it starts'}".replace("#", "hash"),
                  flush=True)
            if screen != want:
                for line in golden.difference(want, screen):
                    print("# " + line)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        tmux("kill-server")
