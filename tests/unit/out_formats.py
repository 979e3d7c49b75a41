# SPDX-License-Identifier: GPL-2.0-or-later
"""What each writer says against what is in memory, read by parsers that others wrote.

out_emit gives the sample in a format, and raw. Every value of every record is compared: exact amounts; where
there is none, null or an empty cell or no sample, with its reason. TAP on stdout.
"""
import csv
import io
import json
import os
import re
import subprocess
import unicodedata
from decimal import Decimal

EMIT = os.path.join(os.environ["abs_top_builddir"], "out_emit")
SCOPES = ["process", "system", "cgroup"]
AMOUNT = {"ok", "estimated", "stale"}
# enum unit of model/metric.h: what its amounts are divided by, or None for texts
SECONDS, PERCENT, RATIO, PER_SECOND, STATE, POLICY, TEXT = 2, 3, 4, 5, 7, 8, 9
DIVISOR = {SECONDS: 10**9, PERCENT: 1000, RATIO: 1000, PER_SECOND: 1000}

count = failed = 0


def ok(condition, what):
    global count, failed
    count += 1
    failed += not condition
    print(("ok" if condition else "not ok"), count, "-", what)


def skip(why):
    global count
    count += 1
    print("ok", count, "# SKIP", why)


def emit(*args):
    return subprocess.run([EMIT, *map(str, args)], check=True, stdout=subprocess.PIPE).stdout


class Field:
    def __init__(self, line):
        row, self.key, unit, self.kind, self.status, amount, low, high, text = line.split(" ")
        self.row, self.unit = int(row), int(unit)
        self.is_text = self.unit in (STATE, POLICY, TEXT)
        self.value = self.outward(amount) if self.status in AMOUNT else None
        self.bounds = None
        if self.status == "estimated" and low != "-":
            self.bounds = [self.outward(low), self.outward(high)]
        self.text = bytes.fromhex(text[1:]) if text[0] == "x" else None

    def outward(self, amount):
        return Decimal(int(amount)) / DIVISOR.get(self.unit, 1)


def raw(scope):
    rows = {}
    for line in emit("raw", scope).decode().splitlines():
        field = Field(line)
        rows.setdefault(field.row, {})[field.key] = field
    return [rows[row] for row in sorted(rows)]


def forbidden(c):
    return unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")


def printable(text):
    """The printable ASCII of a text: what no cleaning may touch."""
    return re.sub(r"[^ -~]", "", text).replace("?", "")


def same_text(got, field, controls):
    """GOT stands for the text in memory. CONTROLS makes of an ASCII control what the format makes of it."""
    if all(b < 0x80 for b in field.text):
        return got == re.sub(r"[\x00-\x1f\x7f]", controls, field.text.decode())
    try:
        text = field.text.decode()
        if not any(map(forbidden, text)):
            return got == text
    except UnicodeDecodeError:
        text = field.text.decode(errors="ignore")
    return printable(got) == printable(text) and not any(map(forbidden, got))


def clean(out, what):
    """Valid UTF-8 without any control but the newline."""
    try:
        text = out.decode()
    except UnicodeDecodeError:
        text = "\0"
    ok(not any(c != "\n" and forbidden(c) for c in text), f"{what}: valid UTF-8 without controls")
    return text


# -- JSON -------------------------------------------------------------------------------------------------

def same_json(record, fields):
    """The first key that is not as in memory, or None."""
    age = fields["pss_age_seconds"].value if "pss_age_seconds" in fields else None
    for key, field in fields.items():
        got = record.get(key, "missing")
        if field.status not in AMOUNT:
            good = got is None and record["na"][key] == field.status
        elif field.is_text:
            good = same_text(got, field, lambda m: m.group())
        else:
            good = not isinstance(got, str) and got == field.value
        if field.status in AMOUNT:
            good = good and key not in record.get("na", {})
        good = good and record.get("est", {}).get(key) == field.bounds
        good = good and (key in record.get("stale", {})) == (field.status == "stale")
        if field.status == "stale":
            good = good and record["stale"][key] == age
        if not good:
            return key
    return None


def unwanted(scope, field):
    """A metric of a probe that nobody wants, in a record whose fields nobody chose."""
    return scope == "system" and field.key.startswith("fault") and field.status == "skipped"


def check_probes(header):
    probe = header["probes"]["faults"]
    tiers = probe.pop("tiers")
    ok(probe == {"tier": "kprobe", "completion": "perf event", "attached": "2025-11-21T03:55:20.123456790Z",
                 "attached_boottime_ns": 273500000000001, "attach_seconds": Decimal("0.25"),
                 "why": 'fentry: not "permitted" (run as root)'}, f"json: probe {probe}")
    ok(tiers == [{"name": "fentry", "state": "failed", "reason": 'not "permitted"', "remedy": "run as root"},
                 {"name": "kprobe", "state": "active", "reason": None, "remedy": None},
                 {"name": "perf", "state": "untried", "reason": None, "remedy": None}], "json: tiers of the probe")


def check_fault_classes(systems):
    classes = systems[0]["fault_classes"]
    oom = classes.pop("oom")
    ok(oom == {"total": None, "seconds": None, "buckets": [], "na": {"total": "unsupported", "seconds": "unsupported"}},
       f"json: a class that cannot be told {oom}")
    second = classes["zero_page"]
    ok(second == {"total": 3, "seconds": Decimal("40.000000001"), "p50_seconds": Decimal("0.000000768"),
                  "p99_seconds": Decimal("67.688684584"), "buckets": [[2, 1], [1024, 1], [None, 1]]},
       f"json: latencies of a class {second}")
    ok(len(classes) > 15 and all(c["total"] == sum(n for _, n in c["buckets"]) for c in classes.values()),
       "json: all classes")
    ok(not any("fault_classes" in s for s in systems[1:]), "json: no classes without the probe")


def check_process_classes(records):
    watched = [r for r in records if r["record"] == "process" and "fault_classes" in r]
    ok([r["pid"] for r in watched] == list(range(400, 400 + len(watched))) and
       all(r["sequence"] == 0 for r in watched) and len(watched) > 9, "json: latencies of watched processes alone")
    some, whole = (r["fault_classes"] for r in watched[:2])
    ok(all(c.keys() == {"cow", "oom"} for c in (some, whole)), "json: classes without faults are left out")
    ok(whole["oom"] == {"total": None, "seconds": None, "buckets": [],
                        "na": {"total": "unsupported", "seconds": "unsupported"}},
       f"json: a class of a process that cannot be told {whole['oom']}")
    ok(whole["cow"]["total"] == 4 and whole["cow"]["seconds"] == Decimal("40.000003072") and
       whole["cow"]["p50_seconds"] == Decimal("0.000001024") and
       whole["cow"]["buckets"] == [[1024, 2], [4096, 1], [None, 1]], f"json: latencies of a process {whole['cow']}")
    ok(some["cow"]["buckets"] == [[1024, 2], [None, 1]] and some["cow"]["total"] == 4,
       f"json: latencies since it is watched {some['cow']}")
    ok(watched[1]["fault_p50_seconds"] == Decimal("0.000001024") and
       watched[1]["est"]["fault_p50_seconds"] == [Decimal("0.000000512"), Decimal("0.000001024")] and
       watched[1]["est"]["fault_p99_seconds"][0] == Decimal("34.359738368"), "json: quantiles with their bounds")


def unique_keys(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key twice: {keys}"
    return dict(pairs)


def test_json():
    text = clean(emit("json", "all-process", 3), "json")
    records = [json.loads(line, parse_float=Decimal, parse_int=Decimal, object_pairs_hook=unique_keys)
               for line in text.splitlines()]
    kinds = [r["record"] for r in records]
    ok(kinds[0] == "header" and kinds.count("header") == 1, "json: one header, first")
    dated = {"record", "time", "boottime_ns", "sequence"}
    ok(all(r.keys() >= dated for r in records), "json: every record dated")
    header = records[0]
    want = {"schema": 1, "program": "memtide", "host": "box", "kernel": "6.12.0", "machine": "x86_64",
            "boot_id": "6f0c8a3e-5a0b-4b1f-9d0e-0123456789ab", "page_bytes": 16384,
            "clock_ticks_per_second": 100, "cpus": 4, "interval_seconds": Decimal("1.5"),
            "time": "2025-11-21T03:57:00.123456789Z", "boot_time": "2025-11-17T23:57:00.123456789Z",
            "boottime_ns": 273600000000000, "sequence": 0,
            "task_tier": "procfs", "task_tier_why": 'bpf: "not" permitted',
            "notices": [{"topic": "pss", "text": "denied for 8 of 9", "remedy": "run as root"},
                        {"topic": "psi", "text": "not in this kernel", "remedy": None}]}
    ok(all(header[key] == value for key, value in want.items()), "json: header")
    systems = [r for r in records if r["record"] == "system"]
    ok(["notices" in s for s in systems] == [False, False, True], "json: notices again only when they changed")
    ok([s["time"] for s in systems[1:]] == ["1677-09-21T00:12:43.145224192Z", "2262-04-11T23:47:16.854775807Z"],
       "json: times at the ends of the clock")
    ok(systems[0]["meminfo_other"] == {"NewField": 0, "Odd\"Name\\\n": 4096}, "json: unknown meminfo fields")
    ok(systems[0]["pss_read_longest_comm"] == "big?one", "json: victim of the longest read")
    check_probes(header)
    check_fault_classes(systems)
    check_process_classes(records)
    ends = [r for r in records if r["record"] == "exit"]
    ok([(r["pid"], r["start_time"], r["faults_cow_total"], r["sequence"]) for r in ends] ==
       [(901, 901000, 9010, n) for n in range(3)], "json: one exit when the values are final")
    plain, zram, denied = systems[0]["swaps"]
    ok(plain == {"name": "/dev/sda2", "size_bytes": 2**30, "used_bytes": 2**20, "priority": -2}, "json: swap")
    ok(zram["zram_ratio"] == Decimal("3.141") and zram["zram_used_bytes"] == 1100000, "json: zram")
    ok(denied["zram_ratio"] is None and set(denied["na"].values()) == {"denied"}, "json: zram denied")
    for scope in SCOPES:
        have = [r for r in records if r["record"] == scope and r["sequence"] == 0]
        rows = raw(scope)
        if scope != "process":    # all that is not derived
            rows = [{k: f for k, f in row.items() if f.kind != "derived"} for row in rows]
            rows = [{k: f for k, f in row.items() if not unwanted(scope, f)} for row in rows]
        bad = [(row, same_json(r, f)) for row, (r, f) in enumerate(zip(have, rows)) if same_json(r, f)]
        ok(len(have) == len(rows) and not bad, f"json: {scope} records as in memory {bad[:3]}")
    for asked, want in (("cgroup", {"header", "cgroup"}), ("all-cgroup", {"header", "system", "cgroup"})):
        have = {json.loads(line)["record"] for line in emit("json", asked, 1).decode().splitlines()}
        ok(have == want, f"json: kinds of record for {asked}")


# -- CSV --------------------------------------------------------------------------------------------------

def remarks(cell):
    return dict(part.split("=", 1) for part in cell.split(";")) if cell else {}


def same_csv(row, fields):
    na, est, stale = remarks(row["na"]), remarks(row["est"]), remarks(row["stale"])
    age = fields["pss_age_seconds"].value if "pss_age_seconds" in fields else None
    for key, field in fields.items():
        cell = row[key]
        if field.status not in AMOUNT:
            good = cell == "" and na[key] == field.status
        elif field.is_text:
            if field.text[:1] and field.text[:1] in b"=+-@\t\r":
                good, cell = cell.startswith("'"), cell[1:]
            else:
                good = cell[:1] not in ("=", "+", "-", "@")
            good = good and same_text(cell, field, "?")
        else:
            good = cell != "" and Decimal(cell) == field.value
        good = good and (key in na) == (field.status not in AMOUNT)
        bounds = [Decimal(side) for side in est[key].split("..")] if key in est else None
        good = good and bounds == field.bounds
        want_age = age if field.status == "stale" else None
        good = good and (Decimal(stale[key]) if key in stale else None) == want_age
        if not good:
            return key
    return None


def test_csv():
    for scope in SCOPES:
        text = clean(emit("csv", scope, 3), f"csv {scope}")
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        if scope == "process":
            quoted = (',"trail ",', ',"a,""b"",c",', '," lead",')
            ok(all(cell in text for cell in quoted), "csv: quoted where it must be")
        ok(len({len(row) for row in table}) == 1, f"csv {scope}: all rows have as many cells as the heading")
        ok(text.count("record,time") == 1, f"csv {scope}: one heading")
        have = [dict(zip(table[0], row)) for row in table[1:]]
        rows = raw(scope)
        first = have[:len(rows)]
        ok(len(have) == 3 * len(rows) and all(r["record"] == scope for r in have), f"csv {scope}: rows")
        ok({r["time"] for r in first} == {"2025-11-21T03:57:00.123456789Z"}, f"csv {scope}: time")
        bad = [(n, same_csv(r, f)) for n, (r, f) in enumerate(zip(first, rows)) if same_csv(r, f)]
        ok(not bad, f"csv {scope}: cells as in memory {bad[:3]}")
        if scope == "cgroup":
            paths = ["/", "/a,b", '/sys\\x2dtem.slice/"x"', "/two?lines"]
            ok([r["path"] for r in first] == paths, "csv: paths")


# -- OpenMetrics ------------------------------------------------------------------------------------------

def number(value):
    """As the parser reads it: whole numbers exactly, others as a double."""
    return int(value) if value == value.to_integral_value() else float(value)


def expected_samples(scope, rows, identity):
    """{(sample name, row identity): value} and {(key, status): count} of what must be exposed."""
    samples, absent = {}, {}
    for row in rows:
        for key, field in row.items():
            if field.is_text or field.kind == "label":
                continue
            if field.status in AMOUNT and not (field.kind == "counter" and field.value < 0):
                samples[f"memtide_{scope}_{key}", identity(row)] = number(field.value)
            elif not unwanted(scope, field):
                status = field.status if field.status not in AMOUNT else "lost"
                absent[key, status] = absent.get((key, status), 0) + 1
    return samples, absent


def own_samples(families, scope):
    """The same from what was exposed, and the families of KEY."""
    samples, absent = {}, {}
    for family in families:
        for sample in family.samples:
            if sample.name == f"memtide_{scope}_absent":
                absent[sample.labels["key"], sample.labels["status"]] = int(sample.value)
            elif sample.name.startswith(f"memtide_{scope}_") and family.type != "info" and \
                    not {"key", "area", "name", "class"} & sample.labels.keys():
                who = sample.labels.get("pid", sample.labels.get("path", ""))
                assert (sample.name, who) not in samples
                samples[sample.name, who] = sample.value
    return samples, absent


def check_durations(parsed):
    named = [{f.name: f for f in families} for families in parsed]
    name = "memtide_system_fault_duration_seconds"
    ok([name in f for f in named] == [True, False, False], "openmetrics: latencies with the probe")
    family = named[0][name]
    samples = {(s.name[len(name):], s.labels.get("le")): s.value for s in family.samples
               if s.labels["class"] == "cow"}
    bounds = [Decimal(le) for which, le in samples if which == "_bucket" and le != "+Inf"]
    ok(family.type == "histogram" and family.unit == "seconds", "openmetrics: a histogram of seconds")
    ok(bounds == [Decimal(2 ** n) / 10 ** 9 for n in range(9, 34)], f"openmetrics: bounds {bounds}")
    want = {("_count", None): 4, ("_sum", None): 40.000000002, ("_bucket", "0.000000512"): 1,
            ("_bucket", "0.000001024"): 3, ("_bucket", "8.589934592"): 3, ("_bucket", "+Inf"): 4}
    ok(all(samples[key] == value for key, value in want.items()), f"openmetrics: latencies are cumulative {samples}")
    ok(not any(s.labels["class"] == "oom" for s in family.samples), "openmetrics: no class that cannot be told")


def check_process_durations(parsed):
    named = [{f.name: f for f in families} for families in parsed]
    name = "memtide_process_fault_duration_seconds"
    ok([name in f for f in named] == [True, False, False], "openmetrics: latencies of watched processes")
    family = named[0][name]
    infos = {s.labels["pid"]: s.labels for s in named[0]["memtide_process"].samples}
    ok(family.type == "histogram" and family.unit == "seconds", "openmetrics: a histogram of seconds")
    ok({s.labels["class"] for s in family.samples} == {"cow"}, "openmetrics: classes that it took faults of")
    ok(all(s.labels.keys() - {"class", "le"} == {"pid", "start_time", "comm", "user"} and
           all(s.labels[key] == infos[s.labels["pid"]][key] for key in ("start_time", "comm", "user"))
           for s in family.samples), "openmetrics: latencies have the labels of a process")
    for pid, last in ("400", 3), ("401", 4):
        samples = {(s.name[len(name):], s.labels.get("le")): s.value for s in family.samples if s.labels["pid"] == pid}
        want = {("_bucket", "0.000000512"): 0, ("_bucket", "0.000001024"): 2,
                ("_bucket", "8.589934592"): last - 1, ("_bucket", "+Inf"): last}
        ok(all(samples[key] == value for key, value in want.items()) and len(samples) == 26 + 2 * (pid == "401"),
           f"openmetrics: latencies of {pid} {samples}")
        sums = (4, 40.000003072) if pid == "401" else (None, None)
        ok((samples.get(("_count", None)), samples.get(("_sum", None))) == sums,
           f"openmetrics: a sum where the histogram has all faults of {pid}")


def test_openmetrics():
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
    except ImportError:
        skip("no prometheus_client for this Python")
        return
    text = clean(emit("openmetrics", "all-process", 3), "openmetrics")
    ok(text.endswith("# EOF\n"), "openmetrics: ends with EOF")
    ok(re.findall(r'^memtide_info{.*faults_tier="(.*?)"', text, re.M) == ["kprobe", "none", "none"],
       "openmetrics: tier of the probe")
    expositions = [part + "# EOF\n" for part in re.split(r"^# EOF\n", text, flags=re.M)[:-1]]
    ok(len(expositions) == 3, "openmetrics: one exposition a sample")
    parsed = []
    for n, exposition in enumerate(expositions):
        try:
            parsed.append(list(text_string_to_metric_families(exposition)))
            why = ""
        except ValueError as error:
            why = str(error)
        ok(not why, f"openmetrics: sample {n} parses {why[:200]}")
    if len(parsed) != 3:
        return
    families = parsed[0]
    ok(all(f.type != "unknown" and f.documentation for f in families), "openmetrics: TYPE and HELP everywhere")
    identities = {"process": lambda row: str(row["pid"].value), "system": lambda row: "",
                  "cgroup": None}
    paths = iter(["/", "/a,b", '/sys\\x2dtem.slice/"x"', "/two\nlines"])
    for scope in SCOPES:
        rows = raw(scope)
        if scope != "process":
            rows = [{k: f for k, f in row.items() if f.kind != "derived"} for row in rows]
        else:
            assert all(row["pid"].status == "ok" for row in rows)
        by_row = {id(row): next(paths) for row in rows} if scope == "cgroup" else {}
        identity = identities[scope] or (lambda row: by_row[id(row)])
        want, have = expected_samples(scope, rows, identity), own_samples(families, scope)
        ok(want[0] == have[0], f"openmetrics: {scope} samples as in memory "
           f"{sorted(set(want[0].items()) ^ set(have[0].items()))[:3]}")
        ok(want[1] == have[1], f"openmetrics: {scope} absences counted")
    check_durations(parsed)
    check_process_durations(parsed)
    by_name = {family.name: family for family in families}
    ok(by_name["memtide_process_pss_bytes"].unit == "bytes" and
       by_name["memtide_process_cpu_seconds"].unit == "seconds" and
       by_name["memtide_process_cpu_seconds"].type == "counter", "openmetrics: units and types")
    bounds = {(s.labels["pid"], s.labels["key"], s.labels["bound"]): s.value
              for unit in ("bytes", "seconds") for s in by_name[f"memtide_process_estimate_{unit}"].samples
              if s.labels["key"].endswith(f"_{unit}")}
    want = {(str(row["pid"].value), key, side): number(field.bounds[n])
            for row in raw("process") for key, field in row.items() if field.bounds
            for n, side in enumerate(("low", "high"))}
    ok(bounds == want, "openmetrics: bounds of estimates")
    infos = {s.labels["pid"]: s.labels for s in by_name["memtide_process"].samples}
    bad = []
    for row in raw("process"):
        labels = infos[str(row["pid"].value)]
        for key in ("comm", "user", "cmdline", "cgroup", "state", "sched_policy"):
            if row[key].status not in AMOUNT:
                good = key not in labels
            else:
                good = same_text(labels[key], row[key], lambda m: "\n" if m.group() == "\n" else "?")
            if not good:
                bad.append((row["pid"].value, key))
    ok(not bad, f"openmetrics: texts as labels {bad[:3]}")


# -- table ------------------------------------------------------------------------------------------------

def columns(text):
    """Terminal columns as Python's Unicode tables have it."""
    return sum(0 if unicodedata.category(c) in ("Mn", "Me") else
               2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_table():
    for scope in SCOPES:
        text = clean(emit("table", scope, 3), f"table {scope}")
        ok(not re.search(r" $", text, re.M), f"table {scope}: no blanks at the end of lines")
        wide = []
        for width in (1, 2, 3, 20, 79, 80, 81, 300):
            cut = emit("table", scope, 2, width).decode()
            wide += [(width, line) for line in cut.splitlines() if columns(line) > width]
        ok(not wide, f"table {scope}: every line fits the terminal {wide[:1]}")
    lines = emit("table", "process", 1).decode().splitlines()
    start = next(n for n, line in enumerate(lines) if line.lstrip().startswith("PID "))
    rows = [line.split() for line in lines[start + 2:]]
    pids = [row[0] for row in rows]
    ok(pids == [str(row["pid"].value) for row in raw("process")], "table: a row for each process, in order")
    absent = {row[0]: row for row in rows if row[0] in ("100", "104", "105", "106", "107", "108", "109")}
    zeros = [cell for row in absent.values() for cell in row if re.fullmatch(r"~?0\S*", cell)]
    ok(len(absent) == 7 and not zeros, "table: what is not known is not 0")
    some = emit("table", "process", 1, 0, 4).decode().splitlines()
    ok(len(some) == start + 2 + 4, "table: as many rows as allowed")


test_json()
test_csv()
test_openmetrics()
test_table()
print(f"1..{count}")
raise SystemExit(failed != 0)
