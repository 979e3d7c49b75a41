#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Screens of captured trees by scripted keys, against those kept in golden/ (TAP).

golden/NAME.script is a script of memtide-screen (screen.c says what that can do), where "root NAME" is a tree of
tests/fixtures; golden/NAME.expect is what it prints, styles included. With --update the screens are written anew: look at
the difference before it is committed.
"""
import difflib
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "fixtures")
BUILD = os.environ.get("abs_top_builddir", os.getcwd())
WORK = os.path.join(BUILD, "tests", "tui", "work")



def prepared(name):
    root = os.path.join(WORK, name)
    if not os.path.exists(root):
        os.makedirs(WORK, exist_ok=True)
        subprocess.run([os.path.join(FIXTURES, "prepare"), name, root], check=True)
    return root


def mask(text):
    """What memtide says of itself is of this machine and moment, not of the captured one; so are ages of readings."""
    lines = []
    masked = False
    for line in text.splitlines():
        if masked:
            line = "(styles)"    # which are as long as what they belong to
        own = re.match(r"memtide +[0-9.]+(ms|us|s|%)? ?%? ?CPU", line)
        plain = "memtide (itself)" if own else re.sub(r"read [0-9.]+[mun]?s ago", "read a moment ago", line)
        masked = plain != line
        lines.append(plain)
    return "\n".join(lines) + "\n"


def screens(script):
    with open(script, encoding="utf-8") as file:
        text = re.sub(r"^root (?!/)(\S+)$", lambda match: "root " + prepared(match[1]), file.read(), flags=re.M)
    program = os.path.join(BUILD, "tests", "tui", "memtide-screen")
    done = subprocess.run([program, "--styles"], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=300, check=False)
    return done.returncode, mask(done.stdout.decode()), done.stderr.decode()


def difference(wanted, text):
    return list(difflib.unified_diff(wanted.splitlines(), text.splitlines(), "wanted", "got", lineterm=""))[:60]


def main():
    update = "--update" in sys.argv
    golden = os.path.join(HERE, "golden")
    scripts = sorted(name for name in os.listdir(golden) if name.endswith(".script"))
    failed = 0
    print(f"1..{len(scripts)}")
    for number, name in enumerate(scripts, 1):
        expect = os.path.join(golden, name.replace(".script", ".expect"))
        status, text, errors = screens(os.path.join(golden, name))
        if update and not status:
            with open(expect, "w", encoding="utf-8") as file:
                file.write(text)
        wanted = ""
        if os.path.exists(expect):
            with open(expect, encoding="utf-8") as file:
                wanted = file.read()
        passed = not status and text == wanted
        failed += not passed
        print(f"{'ok' if passed else 'not ok'} {number} - {name}", flush=True)
        if not passed:
            for line in [f"exit status {status}", *errors.splitlines()]:
                print("# " + line)
            for line in difference(wanted, text):
                print("# " + line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
