#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""-compat decides what the command line and clients may use of deprecated and unstable names, and what clients get."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import TOOL, VM, Machine, equal, main, matches, run, test  # noqa: E402

UNSTABLE = ["-object", "throttle-group,id=t,x-iops-total=5"]


def check(*argv: str) -> tuple[int, str]:
    done = run(TOOL, "check", "--", "-machine", "q35", *argv)
    return done.returncode, done.stderr


@test
def the_use_of_a_name_is_reported_once() -> None:
    code, text = check(*UNSTABLE)
    equal(code, 0)
    equal(text, "vintage: warning: t: member 'x-iops-total' is unstable: it may change in any release\n")
    code, text = check("-no-acpi")
    matches(text, "warning: -no-acpi: .*(deprecated|removed)")
    equal((code, text.count("-no-acpi:")), (0, 1))


@test
def rejected_names_are_refused_on_the_command_line() -> None:
    for argv in (UNSTABLE, ["-compat", "unstable-input=accept"] + UNSTABLE):
        equal(check(*argv)[0], 0)
    code, text = check(*UNSTABLE, "-compat", "unstable-input=reject")
    equal(code, 1)
    matches(text, "^vintage: t: member 'x-iops-total' is unstable.*, and such input is rejected\n$")
    code, text = check("-no-acpi", "-compat", "deprecated-input=reject")
    equal(code, 1)
    matches(text, "^vintage: -no-acpi: .*, and such input is rejected\n$")
    equal(check("-no-acpi", "-compat", "unstable-input=reject")[0], 0)
    done = run(VM, "-machine", "none", *UNSTABLE, "-compat", "unstable-input=reject")
    equal(done.returncode, 1)
    matches(done.stderr, "member 'x-iops-total' is unstable.*, and such input is rejected")


@test
def clients_may_not_use_rejected_names() -> None:
    member = {"qom-type": "throttle-group", "id": "u", "x-iops-total": 5}
    with Machine("-machine", "none") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        machine.qmp.call_with("object-add", member)
    with Machine("-machine", "none", "-compat", "unstable-input=reject,deprecated-input=reject") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        machine.qmp.fails("object-add", member, pattern="member 'x-iops-total' is unstable.*rejected")
        machine.qmp.call_with("object-add", {"qom-type": "throttle-group", "id": "u"})
        machine.qmp.call_with("object-del", {"id": "u"})


@test
def clients_may_not_use_rejected_commands() -> None:
    with Machine("-machine", "q35", "-compat", "deprecated-input=reject") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        machine.qmp.fails("query-kvm", {}, pattern="query-kvm: command is deprecated since release 11.0.*rejected")
        assert machine.qmp.call_with("query-machines", {"compat-props": True})
    with Machine("-machine", "q35", "-compat", "unstable-input=reject") as machine:
        assert machine.qmp
        machine.qmp.negotiate()
        assert machine.qmp.call("query-kvm")
        machine.qmp.fails("query-machines", {"compat-props": True}, pattern="member 'compat-props' is unstable.*rejected")
        assert machine.qmp.call("query-machines")


@test
def hidden_members_are_left_out() -> None:
    for policy, hidden in (("unstable-output=accept", False), ("unstable-output=hide", True), ("deprecated-output=hide", False)):
        with Machine("-machine", "q35", "-compat", policy) as machine:
            assert machine.qmp
            machine.qmp.negotiate()
            found = machine.qmp.call_with("query-machines", {"compat-props": True})
            equal(any("compat-props" in one for one in found), not hidden, policy)


@test
def the_schema_lacks_what_is_deprecated() -> None:
    found = {}
    for policy in ("deprecated-output=accept", "deprecated-output=hide", "unstable-output=hide"):
        with Machine("-machine", "q35", "-compat", policy) as machine:
            assert machine.qmp
            machine.qmp.negotiate()
            found[policy] = {one["name"]: one for one in machine.qmp.call("query-qmp-schema")}
    everything, hidden, stable = found.values()
    equal(stable, everything)
    gone = {name for name, one in everything.items() if "deprecated" in one.get("features", [])}
    equal(set(everything) - set(hidden), gone)
    assert "query-kvm" in gone, gone
    left = [one for one in hidden.values() for each in one.get("members", [])
            if isinstance(each, dict) and "deprecated" in each.get("features", [])]
    equal((left, [name for name, one in hidden.items() if "values" in one]), ([], []))


if __name__ == "__main__":
    main()
