#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The memtide program from outside: options, errors, formats, pipes; on the captured tree beside this file and on
every tree in tests/fixtures. What the values must be is read from the captured kernel files here, independently."""

import csv
import glob
import io
import json
import os
import re
import subprocess
import sys

SOURCE = os.environ.get("abs_top_srcdir", ".")
TREE = os.path.join(SOURCE, "tests/cli/tree")
count = 0


def ok(condition, description, detail=""):
    global count
    count += 1
    print(("ok" if condition else "not ok"), count, "-", description.replace("#", ""))
    if not condition and detail:
        for line in str(detail).splitlines()[:10]:
            print("#", line)
    sys.stdout.flush()


def run(*args, **kwargs):
    return subprocess.run(["memtide", *args], stdin=subprocess.DEVNULL, stdout=kwargs.pop("stdout", subprocess.PIPE),
                          stderr=subprocess.PIPE, timeout=60, **kwargs)


def sample(*args, tree=TREE, **kwargs):
    return run("--root", tree, "-n", "1", *args, **kwargs)


def rows(*args, tree=TREE):
    """Process records as the CSV has them."""
    result = sample("--format", "csv", *args, tree=tree)
    text = result.stdout.decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def records(*args, tree=TREE):
    return [json.loads(line) for line in sample("--format", "json", *args, tree=tree).stdout.decode().splitlines()]


def pids(*args):
    return [int(row["pid"]) for row in rows("-F", "pid", *args)]


# -- what the captured files say ---------------------------------------------------------------------------------

def read(tree, pid, name):
    with open(os.path.join(tree, "proc", str(pid), name), "rb") as file:
        return file.read()


def captured_pids(tree):
    return sorted(int(name) for name in os.listdir(os.path.join(tree, "proc")) if name.isdigit())


def kib(text):
    """The "Name: N kB" lines of status or smaps_rollup in bytes."""
    return {m[0].decode(): int(m[1]) * 1024 for m in re.findall(rb"^(\w+):\s+(\d+) kB$", text, re.M)}


def facts(tree, pid):
    stat = read(tree, pid, "stat")
    status = read(tree, pid, "status")
    rest = stat[stat.rindex(b")") + 2:].split()
    found = {"pid": pid, "uid": int(re.search(rb"^Uid:\t\d+\t(\d+)", status, re.M)[1]), "state": rest[0].decode(),
             "minflt": int(rest[7]), "comm": stat[stat.index(b"(") + 1:stat.rindex(b")")]}
    found.update(kib(status))
    try:
        found["rollup"] = kib(read(tree, pid, "smaps_rollup"))
    except OSError:
        found["rollup"] = {}
    return found


# -- usage -------------------------------------------------------------------------------------------------------

def test_usage():
    result = run("--help")
    ok(result.returncode == 0 and result.stdout.startswith(b"Usage: memtide") and not result.stderr, "--help")
    ok(run("-h").stdout == result.stdout, "-h is --help")
    ok(max(len(line) for line in result.stdout.decode().splitlines()) <= 80, "--help fits 80 columns")
    result = run("-V")
    ok(result.returncode == 0 and re.match(rb"memtide \d+\.\d+\.\d+\n", result.stdout) and
       b"GPL-2.0-or-later" in result.stdout and re.search(rb"^BPF: ", result.stdout, re.M), "-V")
    with open("/dev/full", "wb") as full:
        for option in "--help", "--version", "--list-fields", "--doctor":
            result = run(option, stdout=full)
            ok(result.returncode == 1 and result.stderr.count(b"\n") == 1, f"{option} to a full device fails",
               result.stderr)


def test_doctor():
    """On this machine, and on a captured one, where nothing can be attached."""
    result = run("--doctor")
    lines = result.stdout.decode().splitlines()
    rows = [line.split(None, 3) for line in lines[:lines.index("")]]
    ok(result.returncode == 0 and not result.stderr, "--doctor", result.stderr)
    ok(rows[0][:3] == ["PROBE", "TIER", "STATE"] and [row[:2] for row in rows[1:]] == [
        ["tasks", "bpf-iterator"], ["tasks", "procfs"], ["faults", "fentry"], ["faults", "kprobe"],
        ["faults", "tracepoint"], ["faults", "bpf-iterator"], ["faults", "perf"], ["faults", "procfs"]], "--doctor has a line for every tier",
       result.stdout.decode())
    for probe in "tasks", "faults":
        states = [row[2] for row in rows if row[0] == probe]
        ok(re.fullmatch("(failed )*active( (failed|works))*", " ".join(states)),
           f"--doctor: of {probe} the best that works is active", states)
    ok(all(len(row) == 4 for row in rows[1:] if row[2] == "failed"), "--doctor: each failure has its reason",
       result.stdout.decode())
    with open("/proc/sys/kernel/perf_event_paranoid") as file:
        level = file.read().strip()
    ok(any(re.match(f"perf_event_paranoid +{level} ", line) for line in lines), "--doctor: perf_event_paranoid")
    result = run("--doctor", "--root", TREE)
    text = result.stdout.decode()
    ok(result.returncode == 0 and not result.stderr and "No probes: a captured machine" in text and
       not re.search("^faults", text, re.M), "--doctor of a captured machine has no probes", text)


def test_probes():
    """A captured machine cannot be probed: no value looks like one, and whoever insists is refused."""
    header, *found = records("-F", "pid,pss,faults_cow_total,faults_cow_per_second")
    processes = [r for r in found if r["record"] == "process"]
    ok(processes and all(r["faults_cow_total"] is None and r["na"]["faults_cow_total"] == "unsupported" and
                         r["na"]["faults_cow_per_second"] == "unsupported" for r in processes),
       "page faults of a captured machine are absent", processes)
    probe = header["probes"]["faults"]
    ok(probe["tier"] is None and probe["attached"] is None and
       all(tier["state"] != "active" for tier in probe["tiers"]), "the header says that nothing is attached", probe)
    ok(any(n["topic"] == "faults" and "captured" in n["text"] for n in header["notices"]), "a notice says why",
       header["notices"])
    header, *found = records("--probes", "none", "-F", "pid,faults_cow_total")
    ok(all(r["na"]["faults_cow_total"] == "skipped" for r in found if r["record"] == "process") and
       not header["probes"]["faults"]["tiers"], "without permission to probe they are skipped", found[-1])
    header, *found = records("-F", "pid,pss")
    ok(not any(key.startswith("fault_") for r in found for key in {**r, **r.get("na", {})}),
       "who wants no probe has none of its fields", found[0])
    refused = sample("--probes", "faults", "-F", "pid")
    ok(refused.returncode == 1 and not refused.stdout and re.fullmatch(rb"memtide: faults: .*captured.*\n", refused.stderr),
       "a probe that is required and impossible is an error of one line", refused)


def test_list_fields():
    for kind in "process", "system", "cgroup":
        table = run("-O", "--record", kind).stdout.decode().splitlines()
        cells = list(csv.DictReader(io.StringIO(run("-O", "--record", kind, "--format", "csv").stdout.decode(),
                                                newline="")))
        lines = [json.loads(line) for line in run("-O", "--record", kind, "--format", "json").stdout.splitlines()]
        keys = [line["key"] for line in lines]
        ok(len(keys) > 10 and len(set(keys)) == len(keys), f"{kind} fields have keys of their own")
        ok([row["key"] for row in cells] == keys, f"{kind} fields: csv and json agree")
        ok([line.split()[0] for line in table[1:]] == keys, f"{kind} fields: table and json agree")
        ok(all(line["scope"] == kind and line["help"] and line["source"] for line in lines),
           f"{kind} fields: each has a help and a source")
        ok(all(line["key"].endswith("_total") == (line["kind"] == "counter") for line in lines),
           f"{kind} fields: counters, and only they, end in _total",
           [line["key"] for line in lines if line["key"].endswith("_total") != (line["kind"] == "counter")])


def test_errors():
    for args, says in [
            (["--frobnicate"], "--frobnicate: unknown option"), (["--formt", "json"], "did you mean --format?"),
            (["-n", "0"], "--iterations '0': out of range (give 1 to"), (["-d", "0.01"], "give 0.05 to 86400"),
            (["-F", "pid,pzs"], "'pzs' (did you mean pss_bytes?)"), (["-o", "pzs"], "did you mean pss_bytes?"),
            (["-f", "pss>>1"], "--filter 'pss>>1': column 5: expected a value"), (["-f", "comm~'('"], "column 6:"),
            (["-p", "1,x"], "not a list of process IDs"), (["--format", "xml"], "table, json, csv or openmetrics"),
            (["-b", "extra"], "'extra': unexpected"), (["-d"], "--delay: needs an argument"),
            (["--stall-limit", "10"], "unit is missing"), (["--record", "system", "-p", "1"], "--record system"),
            (["-b", "-u", "no-such-user-here"], "no such user"), (["-b", "--root", TREE, "-u", "daemon"], "passwd"),
            (["-b", "--tree", "--cgroups"], "drop one of the two"), (["--record", "system", "--tree"], "--tree"),
            (["--probes", "io"], "--probes 'io': unknown probe (give all, none or faults"),
            (["--tier", "faults=bpf"], "give faults=auto, fentry, kprobe"), (["--tier", "pss=bpf"], "give tasks=TIER or"),
            (["-n", "1"], "use -b"), (["-f", "\x1b]0;x\x07"], "column 1"), (["-\xff"], "unknown option")]:
        result = run(*args)
        text = result.stderr.decode(errors="replace")
        ok(result.returncode == 2 and not result.stdout and text.startswith("memtide: ") and text.count("\n") == 1 and
           text.endswith("\n") and says in text and not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text),
           f"{ascii(' '.join(args))} is refused with status 2 and one line", text)
    for args, says in [(["-b", "--root", "/nonexistent"], "/nonexistent"), (["-b", "-n", "1", "--exact", "4194304"],
                       "no such process")]:
        result = run(*args)
        text = result.stderr.decode()
        ok(result.returncode == 1 and not result.stdout and text.count("\n") == 1 and says in text,
           f"{' '.join(args)} fails with status 1 and one line", text)


# -- output ------------------------------------------------------------------------------------------------------

def test_pipes():
    for format in "table", "json", "csv", "openmetrics":
        args = ["memtide", "--root", TREE, "-d", "0.05", "-n", "200", "--format", format]
        with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            child.stdout.readline()
            child.stdout.close()
            errors = child.stderr.read()
            ok(child.wait(60) == 0 and not errors, f"{format}: a closed pipe ends it quietly", errors)
        with open("/dev/full", "wb") as full:
            result = sample("--format", format, stdout=full)
        ok(result.returncode == 1 and result.stderr.count(b"\n") == 1 and b"No space left" in result.stderr,
           f"{format}: a full device is an error", result.stderr)
    with subprocess.Popen(["memtide", "-b", "--root", TREE], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.readline()
        child.terminate()
        out, errors = child.communicate(timeout=60)
        ok(child.returncode == 0 and not errors, "SIGTERM ends it in order", errors)


def test_formats():
    text = sample("-b").stdout
    ok(b"\x1b" not in text and b"python3.11" in text, "no escape sequence when not on a terminal")
    found = records()
    ok([r["record"] for r in found[:2]] == ["header", "system"] and found[-1]["record"] == "process",
       "json: header, system and process records")
    ok(all(set(("time", "boottime_ns", "record")) <= set(r) for r in found), "json: every record has its time")
    ok({r["record"] for r in records("--record", "process")} == {"header", "process"}, "--record process: only these")
    ok({r["record"] for r in records("--record", "system")} == {"header", "system"}, "--record system: only this")
    many = run("--root", TREE, "-n", "3", "-d", "0.05", "--format", "csv", "-F", "pid").stdout.decode()
    ok(many.count("pid") == 1 and len(many.splitlines()) == 1 + 3 * len(captured_pids(TREE)),
       "csv: one heading line, then every sample")
    many = run("--root", TREE, "-n", "3", "-d", "0.05", "--format", "openmetrics", "-F", "pss").stdout.decode()
    ok(many.count("# EOF\n") == 3 and many.endswith("# EOF\n"), "openmetrics: a complete exposition for each sample")
    ok(len(sample("-b", "--rows", "2", "-F", "pid").stdout.splitlines()) + 5 ==
       len(sample("-b", "-F", "pid").stdout.splitlines()), "--rows limits the rows of a table")
    first, second = (sample("--format", "csv", "-F", "pid,rss,comm,cmdline,faults_minor_total").stdout
                     for _ in range(2))
    ok(first == second, "the same tree gives the same output")
    for name in "C", "tr_TR.UTF-8", "de_DE.UTF-8":
        result = run("--root", TREE, "-n", "1", "--format", "csv", "-F", "pid,rss,cpu_seconds_total,comm",
                     env={**os.environ, "LC_ALL": name})
        ok(result.stdout == run("--root", TREE, "-n", "1", "--format", "csv", "-F",
                                "pid,rss,cpu_seconds_total,comm").stdout, f"the locale {name} changes nothing")


# -- values, order and selection ---------------------------------------------------------------------------------

def test_values():
    for row in rows("-F", "pid,uid,comm,state,rss,rss_anon,uss,faults_minor_total,user,pss_dirty", "--format", "csv"):
        pid = int(row["pid"])
        fact = facts(TREE, pid)
        ok(int(row["uid"]) == fact["uid"] and row["state"] == fact["state"] and
           int(row["faults_minor_total"]) == fact["minflt"], f"{pid}: uid, state and faults as captured", row)
        if "VmRSS" not in fact:
            ok(row["rss_bytes"] == "" and "rss_bytes=not_applicable" in row["na"] and row["uss_bytes"] == "",
               f"{pid} has no memory, which is not 0", row)
            continue
        rollup = fact["rollup"]
        ok(int(row["rss_anon_bytes"]) == fact["RssAnon"], f"{pid}: RSS of anonymous memory as captured", row)
        ok(int(row["uss_bytes"]) == rollup["Private_Clean"] + rollup["Private_Dirty"], f"{pid}: USS as captured", row)
        ok(int(row["pss_dirty_bytes"]) == rollup["Pss_Dirty"], f"{pid}: dirty PSS as captured", row)
    users = {row["uid"]: row["user"] for row in rows("-F", "uid,user")}
    ok(users == {"0": "root", "1001": "user1", "1002": "user2", "65534": "nobody"},
       "users are those of the captured passwd", users)
    hostile = [row["comm"] for row in rows("-F", "pid,comm", "-p", "26835")]
    ok(facts(TREE, 26835)["comm"] == b"\x1b[31m,=1\"\n" and hostile == ["?[31m,=1\"?"],
       "a hostile name is shown without its control bytes", hostile)
    for format in "table", "json", "csv", "openmetrics":
        text = sample("-b", "--format", format, "-F", "+cmdline" if format == "table" else "all").stdout
        text.decode()
        ok(not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text), f"{format}: no control byte in the output")


def test_exact_pss():
    """A captured process cannot move: what smaps_rollup said is its PSS, to the byte, whatever else is shown."""
    for fields in "pid,pss,pss_anon,pss_file,pss_shmem", "all":
        wrong = []
        for row in rows("-F", fields):
            rollup = facts(TREE, int(row["pid"]))["rollup"]
            wanted = [rollup.get(name) for name in ("Pss", "Pss_Anon", "Pss_File", "Pss_Shmem")]
            have = [int(row[key]) if row[key] else None
                    for key in ("pss_bytes", "pss_anon_bytes", "pss_file_bytes", "pss_shmem_bytes")]
            if have != wanted or row["est"]:
                wrong.append((row["pid"], have, wanted, row["est"]))
        ok(not wrong, f"PSS by kind as captured (fields {fields})", wrong)


def test_order():
    everybody = captured_pids(TREE)
    ok(pids("-o", "pid") == everybody, "-o pid goes up")
    ok(pids("-o", "+pid") == everybody[::-1], "-o +pid goes down")
    known = [pid for pid in everybody if "VmRSS" in facts(TREE, pid)]
    unknown = [pid for pid in everybody if pid not in known]
    by_rss = sorted(known, key=lambda pid: (-facts(TREE, pid)["VmRSS"], pid))
    ok(pids("-o", "rss") == by_rss + unknown, "-o rss goes down, unknown last, equal ones by pid", pids("-o", "rss"))
    by_rss = sorted(known, key=lambda pid: (facts(TREE, pid)["VmRSS"], pid))
    ok(pids("-o", "-rss") == by_rss + unknown, "-o -rss goes up, unknown last")
    ok(pids("-o", "comm", "-p", "26831,26833,26834,2") == [2, 26831, 26833, 26834], "-o comm goes up")
    ok(pids("-o", "+comm", "-p", "26831,26833,26834,2") == [26834, 26833, 26831, 2], "-o +comm goes down")


def test_selection():
    ok(pids("-o", "pid", "-p", "26832,26831,4194304") == [26831, 26832], "-p shows those that exist")
    ok(pids("-o", "pid", "-u", "user1") == [26831, 26832], "-u by name")
    ok(pids("-o", "pid", "-u", "65534") == [26833, 26834], "-u by number")
    ok(pids("-o", "pid", "-u", "4000000000") == [], "-u without processes shows none")
    for expression, wanted in [
            ("rss > 20M", [26831]), ("rss>20M || user==nobody", [26831, 26833, 26834]),
            ("comm ~ '^shm-[ab]$'", [26833, 26834]), ("comm !~ '^(shm|python)'", [2, 26835, 26836]),
            ("!(rss > 20M)", [26832, 26833, 26834, 26835]), ("state == Z", [26836]), ("uss >= 0", known_pids()),
            ("user == user1 && !(rss > 20M)", [26832]), ("cgroup ~ actors", [26831, 26832, 26833, 26834, 26835])]:
        have = pids("-o", "pid", "-f", expression)
        ok(have == wanted, f"-f \"{expression}\"", have)
    shown = rows("-F", "pid", "-c", "-p", "26831")[0]
    ok(shown["cmdline"] == read(TREE, 26831, "cmdline").rstrip(b"\0").replace(b"\0", b" ").decode(),
       "-c shows the command line", shown)
    for option in "uid", "user", "oom_score_adj", "policy", "cgroup":
        alone = [row for row in rows("-o", "pid", "-F", "pid," + option)]
        together = rows("-o", "pid", "-F", "all")
        key = list(alone[0])[3]
        ok([row[key] for row in alone] == [row[key] for row in together], f"{key} is the same alone and among all",
           [row[key] for row in alone])


def test_idle():
    """On the live machine: in a captured one no time passes."""
    with subprocess.Popen(["sleep", "60"]) as idle, subprocess.Popen(["sh", "-c", "while :; do :; done"]) as busy:
        try:
            text = run("-i", "-n", "3", "-d", "0.4", "--format", "csv", "-F", "pid", "--no-pss",
                       "-p", f"{idle.pid},{busy.pid}").stdout.decode()
            shown = [int(row["pid"]) for row in csv.DictReader(io.StringIO(text, newline=""))]
        finally:
            idle.kill()
            busy.kill()
    ok(shown.count(busy.pid) == 3 and shown.count(idle.pid) < 3, "-i hides who neither faulted nor ran", shown)


def known_pids():
    return [pid for pid in captured_pids(TREE) if facts(TREE, pid)["rollup"]]


# -- trees, cgroups, threads --------------------------------------------------------------------------------------

def is_denied(tree, path):
    """Whether the machine refused this file; a captured tree lists them, as its owner may read everything."""
    try:
        with open(os.path.join(tree, "memtide-denied"), encoding="utf-8") as file:
            return any(path == line or (line.endswith("/") and path.startswith(line)) for line in file.read().split("\n"))
    except FileNotFoundError:
        return False


def stat_fields(tree, pid):
    stat = read(tree, pid, "stat")
    return stat[stat.rindex(b")") + 2:].split()


def table_rows(*args, tree=TREE, locale="C"):
    """The lines below the heading."""
    text = sample("-b", *args, tree=tree, env={**os.environ, "LC_ALL": locale}).stdout
    lines = text.decode(errors="surrogateescape").split("\n")
    start = next(i for i, line in enumerate(lines) if line.split()[:1] == ["PID"])
    return lines[start + 1:-1]


def forest(tree, shown):
    """The shown processes below their parents, in order of pid: [(pid, lines in front of its name)]."""
    parents = {pid: int(stat_fields(tree, pid)[1]) for pid in captured_pids(tree)}
    children = {}
    for pid in sorted(shown):
        above = parents[pid]
        while above in parents and above not in shown:
            above = parents[above]
        children.setdefault(above if above in shown else None, []).append(pid)
    found = []

    def walk(pid, lines, depth):
        below = children.get(pid, [])
        for n, child in enumerate(below):
            last = n + 1 == len(below)
            found.append((child, "" if not depth else lines + ("`-" if last else "|-")))
            walk(child, "" if not depth else lines + ("  " if last else "| "), depth + 1)

    walk(None, "", 0)
    return found


def starts_with(lines, wanted):
    return len(lines) == len(wanted) and all(a.startswith(b) for a, b in zip(lines, wanted))


def test_tree(tree, *select):
    name = " ".join((os.path.basename(tree),) + select)
    names = {record["pid"]: record["comm"] for record in records("--record", "process", "-F", "pid", *select, tree=tree)
             if record["record"] == "process"}
    wanted = forest(tree, set(names))
    lines = table_rows("--tree", "-o", "pid", "-F", "pid,comm", *select, tree=tree)
    ok([line.rstrip() for line in lines] == [f"{pid:7} {front}{names[pid]}".rstrip() for pid, front in wanted],
       f"{name}: --tree is what the captured parents say", lines)
    ok([int(row["pid"]) for row in rows("--tree", "-F", "pid", "-o", "pid", *select, tree=tree)] ==
       [pid for pid, _ in wanted], f"{name}: --tree orders csv alike")
    lines = table_rows("--tree", "-o", "pid", "-F", "pid,comm", *select, tree=tree, locale="C.UTF-8")
    drawn = [f"{pid:7} " + front.replace("|-", "├─").replace("`-", "└─").replace("| ", "│ ")
             for pid, front in wanted]
    ok(starts_with(lines, drawn), f"{name}: --tree draws lines where the locale has UTF-8", lines)


def memory_cgroup(tree, pid):
    """The path in the hierarchy with the memory controller, and where its files are."""
    v2 = None
    for line in read(tree, pid, "cgroup").decode().splitlines():
        number, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return path, os.path.join(tree, "sys/fs/cgroup/memory", path[1:])
        v2 = path if number == "0" else v2
    return v2, os.path.join(tree, "sys/fs/cgroup", (v2 or "/")[1:])


def scalar(directory, *names):
    """The smallest of these files, None where there is none or all say max."""
    found = []
    for name in names:
        try:
            with open(os.path.join(directory, name), encoding="ascii") as file:
                text = file.read().strip()
        except OSError:
            continue
        # PAGE_COUNTER_MAX in bytes is what v1 shows for no limit; no page is larger than 64 KiB.
        if text != "max" and int(text) < 2**63 - 65536:
            found.append(int(text))
    return min(found) if found else None


def cgroup_use(directory):
    """What the line of a cgroup says about its memory, less the amounts, which are rounded."""
    used = scalar(directory, "memory.current", "memory.usage_in_bytes")
    limit = scalar(directory, "memory.max", "memory.high", "memory.limit_in_bytes")
    if used is None:
        return r"$"
    if limit is None:
        return r"  [\d.]+[KMGT]? of no limit(  swap .*)?$"
    percent = "" if not limit else rf" \({100 * used / limit:.0f}%\)"
    return rf"  [\d.]+[KMGT]? of [\d.]+[KMGT]?{percent}(  swap .*)?$"


def test_cgroups(tree):
    name = os.path.basename(tree)
    groups, faults = {}, {}
    for pid in sorted(int(row["pid"]) for row in rows("-F", "pid", tree=tree)):
        known = not is_denied(tree, f"proc/{pid}/cgroup")
        path, files = memory_cgroup(tree, pid) if known else ("(cgroup not known)", "/nonexistent")
        groups.setdefault("" if not known else path, (path, files, []))[2].append(pid)
        faults[pid] = int(stat_fields(tree, pid)[7])
    lines, wrong = table_rows("--cgroups", "-o", "pid", "-F", "pid,faults_minor_total,comm", tree=tree), []
    total, lines = lines[0], lines[1:]
    order = []
    for key in sorted(groups):
        path, files, members = groups[key]
        order += members
        head, lines = lines[0] if lines else "", lines[1:]
        count = f"{len(members)} process" + ("" if len(members) == 1 else "es")
        if not re.match(rf" {{7}} +{sum(faults[pid] for pid in members)} {re.escape(path)}  {count}" + cgroup_use(files),
                        head):
            wrong.append((path, members, head))
        wanted = [f"{pid:7} {faults[pid]:8} " + ("`-" if pid == members[-1] else "|-") for pid in members]
        if not starts_with(lines[:len(members)], wanted):
            wrong.append((path, wanted, lines[:len(members)]))
        lines = lines[len(members):]
    ok(not wrong and not lines, f"{name}: --cgroups is what the captured cgroups say, with their sums and limits",
       "\n".join(map(str, wrong + lines)))
    ok(total.split() == [str(sum(faults.values())), "total", "of", str(len(order))], f"{name}: the sum of all", total)
    ok([int(row["pid"]) for row in rows("--cgroups", "-F", "pid", "-o", "pid", tree=tree)] == order,
       f"{name}: --cgroups orders csv alike")


def test_threads(tree):
    name = os.path.basename(tree)
    wanted = []
    for pid in sorted(int(row["pid"]) for row in rows("-F", "pid", tree=tree)):
        wanted.append(("process", pid, pid))
        tids = sorted(map(int, os.listdir(os.path.join(tree, "proc", str(pid), "task"))))
        if len(tids) > 1 and not is_denied(tree, f"proc/{pid}/task/"):
            wanted += [("thread", pid, tid) for tid in tids]
    have = [(row["record"], int(row["pid"]), int(row["tid"]))
            for row in rows("-H", "-o", "pid", "-F", "pid,tid", tree=tree)]
    ok(have == wanted, f"{name}: csv has the captured threads behind their process", set(have) ^ set(wanted))
    found = [record for record in records("-H", "-o", "pid", "-F", "all", "--record", "process", tree=tree)
             if record["record"] != "header"]
    ok([(record["record"], record["pid"], record["tid"]) for record in found] == wanted, f"{name}: so has json")
    wrong = [record for record in found if record["record"] == "thread" and
             ("pss_bytes" in record or "not_applicable" in record.get("na", {}).values() or
              record["state"] != read(tree, record["pid"], f"task/{record['tid']}/stat").decode(
                  errors="replace").rpartition(")")[2].split()[0])]
    ok(not wrong, f"{name}: a thread has its own state, and no memory", wrong)
    args = ["--format", "openmetrics", "--record", "process", "-F", "threads"]
    ok(sample("-H", *args, tree=tree).stdout == sample(*args, tree=tree).stdout, f"{name}: openmetrics has no threads")
    lines = table_rows("-H", "-o", "pid", "-F", "pid,comm", tree=tree)
    ok([int(line[:7]) for line in lines] == [tid for _, _, tid in wanted], f"{name}: so has the table", lines)


def test_limits():
    wanted = {26831: facts(TREE, 26831)["rollup"]["Pss"]}
    for options in (["--no-pss"], ["--stall-limit", "0"], ["--pss-skip", "uid==1001"]):
        row = rows("-F", "pid,pss,uss", "-o", "pid", "-p", "26831", *options)[0]
        ok(row["uss_bytes"] == "" and "uss_bytes=" in row["na"], f"{' '.join(options)}: USS is not read", row)
        if options != ["--no-pss"]:
            estimate = re.search(r"pss_bytes=(\d+)\.\.(\d+)", row["est"])
            ok(estimate and int(estimate[1]) <= wanted[26831] <= int(estimate[2]),
               f"{' '.join(options)}: the captured PSS is within the bounds of the estimate", row)
            row = rows("-F", "all", "-p", "26831", "--exact", "26831", *options)[0]
            ok(row["pss_bytes"] == str(wanted[26831]) and not row["est"], f"{' '.join(options)}: --exact reads it", row)


# -- every captured machine --------------------------------------------------------------------------------------

def test_fixture(tree):
    name = os.path.basename(tree)
    wanted = captured_pids(tree)
    found = records("-F", "all", tree=tree)
    kinds = [r["record"] for r in found]
    ok(kinds[:1] == ["header"] and kinds.count("system") == 1, f"{name}: header and system record")
    have = sorted(r["pid"] for r in found if r["record"] == "process")
    ok(set(have) <= set(wanted) and len(have) == len(set(have)), f"{name}: its processes, each once")
    wrong = []
    for record in found:
        if record["record"] != "process":
            continue
        absent = {key for key, value in record.items() if value is None}
        if absent != set(record.get("na", {})):
            wrong.append((record["pid"], "null without a status", absent ^ set(record.get("na", {}))))
        for key, (low, high) in record.get("est", {}).items():
            if not low <= record[key] <= high:
                wrong.append((record["pid"], key, "outside of its bounds"))
    ok(not wrong, f"{name}: every null has its status, every estimate its bounds", wrong)
    order = [int(row["pid"]) for row in rows("-F", "pid", "-o", "pid", tree=tree)]
    ok(order == sorted(order), f"{name}: sorted by pid")
    amounts = [int(row["rss_bytes"]) if row["rss_bytes"] else -1 for row in rows("-F", "rss", "-o", "rss", tree=tree)]
    ok(amounts == sorted(amounts, reverse=True), f"{name}: sorted by RSS, unknown last")
    for format in "table", "json", "csv", "openmetrics":
        result = sample("-b", "--format", format, tree=tree)
        text = result.stdout
        ok(result.returncode == 0 and not result.stderr and text and
           not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text), f"{name}: {format} has no control byte",
           result.stderr)


def main():
    test_usage()
    test_doctor()
    test_probes()
    test_list_fields()
    test_errors()
    test_pipes()
    test_formats()
    test_values()
    test_exact_pss()
    test_order()
    test_selection()
    test_idle()
    test_limits()
    test_tree(TREE, "-f", "comm !~ 'python'")
    for test in test_tree, test_cgroups, test_threads:
        test(TREE)
    for tree in sorted(glob.glob(os.path.join(SOURCE, "tests/fixtures/*"))):
        if os.path.isdir(os.path.join(tree, "proc")):
            test_fixture(tree)
            test_tree(tree)
            test_cgroups(tree)
            test_threads(tree)
    print(f"1..{count}")


main()
