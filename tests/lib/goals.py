# SPDX-License-Identifier: MIT
"""Rows of a benchmark: what was measured, what others took in the same run, the goal, and whether it is reached.

A missed goal fails the benchmark, except a time on a machine that was busy with other processes.
tests/bench/run prints all goals in one table: the rows are in the file that VINTAGE_GOALS names.
"""

import json
import os
import resource
import time
from dataclasses import dataclass, field

BUSY = 10   # percent of the processors' time: a machine above it is not quiet
NAME = 84   # characters


def ticks() -> tuple[float, float]:
    """Seconds that the processors were busy for all processes, and for this process and its children."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, irq, softirq, steal = (int(word) for word in file.readline().split()[1:9])
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    busy = user + nice + system + irq + softirq + steal
    return busy / os.sysconf("SC_CLK_TCK"), sum(usage.ru_utime + usage.ru_stime for usage in own)


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table(path: str) -> str:
    """The goals in the file: what was measured, the goal, and whether it is reached."""
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    head = f"{'':<{NAME}} {'measured':>12} {'goal':>14}  {'of':<10} {'here':>12} {'QEMU':>12}"
    lines = [head] + [f"{row['name'][:NAME]:<{NAME}} {number(row['value']):>12} {row['sign'] + ' ' + number(row['limit']):>14}"
                      f"  {row['unit'][:10]:<10} {number(row['bound']):>12} {number(row['rival']) if row['rival'] else '':>12}"
                      f"  {'ok' if row['reached'] else 'MISSED'}" for row in rows]
    reached = sum(row["reached"] for row in rows)
    return "\n".join([*lines, f"{reached} of {len(rows)} goals are reached"])


@dataclass
class Goals:
    missed: int = 0         # goals that do not depend on the clock
    late: int = 0           # times
    since: float = field(default_factory=time.monotonic)
    before: tuple[float, float] = field(default_factory=ticks)

    def row(self, name: str, ours: float, unit: str, limit: float | None, *, of: str = "", at_least: bool = False,
            clock: bool = True, slower: float = 1.0, digits: int = 1, **others: float) -> None:
        """@limit: of @ours; with @of, of the ratio to that one of @others; None: no goal.

        @slower: how much slower this machine is than that of the goals, by a measured floor; only more than 1 counts.
        """
        slower = max(1.0, slower)
        value = ours / others[of] if of else ours
        bound = None if limit is None else limit / slower if at_least else limit * slower
        reached = bound is None or (value >= bound if at_least else value <= bound)
        self.late += clock and not reached
        self.missed += not clock and not reached
        text = f"{'ok' if reached else 'MISSED':<7} {name}: {ours:,.{digits}f} {unit}"
        text += "".join(f"; {other.replace('_', ' ')} {their:,.{digits}f} (ratio {ours / their:.2f})"
                        for other, their in others.items() if their)
        if limit is not None:
            text += f"; goal {'>=' if at_least else '<='} {limit:,.10g}{' x ' + of.replace('_', ' ') if of else ' ' + unit}"
        if slower > 1 and limit is not None:
            text += f", here {bound:,.4g}: the machine is {slower:.1f} times slower than that of the goal"
        print(text, flush=True)
        if limit is not None and "VINTAGE_GOALS" in os.environ:
            with open(os.environ["VINTAGE_GOALS"], "a", encoding="utf-8") as file:
                json.dump({"name": name, "value": value, "sign": ">=" if at_least else "<=", "limit": limit, "bound": bound,
                           "unit": "x " + of.replace("_", " ") if of else unit, "rival": others.get("QEMU"),
                           "reached": reached}, file)
                file.write("\n")

    def others_share(self) -> float:
        """Percent of the processors' time that other processes took since the start."""
        busy, own = (after - before for after, before in zip(ticks(), self.before))
        return max(0.0, 100 * (busy - own) / ((time.monotonic() - self.since) * (os.cpu_count() or 1)))

    def end(self) -> int:
        """The exit status.  All child processes must have been waited for."""
        share = self.others_share()
        if self.late and share > BUSY:
            print(f"other processes took {share:.0f} % of the processors' time: {self.late} missed times do not count")
            self.late = 0
        return 1 if self.missed or self.late else 0
