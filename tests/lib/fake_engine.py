#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program that answers a probe as a QEMU does, from a JSON file, and fails in the ways that the file states.

usage: fake_engine.py ARGUMENT...   the file is $FAKE_ENGINE; the monitor is descriptor 3
  log       a file that gets a line for each run
  says      text in place of the greeting
  ends      text on standard error; the program ends at once
  version   [major, minor, micro]
  types     {NAME: {"parent": NAME, "abstract": BOOL, "props": [...]}}
  deadly    names of types that end the program
  machines  reply of query-machines
"""

import json
import os
import socket
import sys


def main() -> None:
    with open(os.environ["FAKE_ENGINE"], encoding="utf-8") as file:
        facts = json.load(file)
    with open(facts["log"], "a", encoding="utf-8") as file:
        file.write(" ".join(sys.argv[1:]) + "\n")
    if "ends" in facts:
        sys.exit(facts["ends"])
    chardev = sys.argv[sys.argv.index("-chardev") + 1]
    monitor = socket.socket(fileno=int(chardev.rsplit("fd=", 1)[1]))

    def send(message: object) -> None:
        monitor.sendall((json.dumps(message) + "\r\n").encode())

    if "says" in facts:
        monitor.sendall(facts["says"].encode())
    else:
        numbers = dict(zip(("major", "minor", "micro"), facts["version"]))
        send({"QMP": {"version": {"qemu": numbers, "package": "fake"}, "capabilities": []}})
    for line in monitor.makefile("r", encoding="utf-8"):
        request = json.loads(line)
        send({"id": request["id"], **answer(facts, request["execute"], request.get("arguments", {}))})


def answer(facts: dict, command: str, arguments: dict) -> dict:
    types = facts["types"]
    if command == "qom-list-types":
        names = [name for name in types if arguments.get("implements") in (None, *ancestors(types, name))]
        return {"return": [{"name": name, "parent": types[name].get("parent", "object"),
                            "abstract": types[name].get("abstract", False)} for name in names]}
    if command in ("device-list-properties", "qom-list-properties"):
        if arguments["typename"] in facts.get("deadly", ()):
            os._exit(1)
        return {"return": types[arguments["typename"]].get("props", [])}
    if command == "query-machines":
        if arguments and not facts.get("compat", True):
            return {"error": {"class": "GenericError", "desc": "Parameter 'compat-props' is unexpected"}}
        return {"return": facts["machines"]}
    if command == "query-target":
        return {"return": {"arch": "x86_64"}}
    return {"return": [] if command.startswith("query-") else {}}


def ancestors(types: dict, name: str) -> list[str]:
    found = []
    while name in types and name not in found:
        found.append(name)
        name = types[name].get("parent", "object")
    return found


if __name__ == "__main__":
    main()
