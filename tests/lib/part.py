# SPDX-License-Identifier: MIT
"""A part of our schema that is whole in itself: what tests of the compiler do a thousand times, they do to this."""

import os
import re

NAME = re.compile(r"'([A-Za-z0-9][A-Za-z0-9._+,-]*)'")
# A named history, with its comment.
TIMELINE = re.compile(r"^##\n(?:#(?!#)[^\n]*\n)*##\n\{ 'timeline': '([^']+)'.*?(?=^##\n|\Z)", re.MULTILINE | re.DOTALL)
# Other names of models, which are classes of their own.
ALIASES = re.compile(r",\s*'model-aliases': \{[^}]*\}")
KIND = re.compile(r"^\{ '(?:class|machine)'", re.MULTILINE)
DEFINITION = re.compile(r"^\{ '[a-z-]+': '([^']+)'", re.MULTILINE)


def sources(root: str) -> dict[str, str]:
    texts = {}
    for directory, _, files in os.walk(root):
        for name in files:
            if name.endswith(".json"):
                path = os.path.join(directory, name)
                with open(path, encoding="utf-8") as stream:
                    texts[path] = stream.read()
    return texts


def thin(root: str) -> None:
    """Leaves in the schema directory @root the devices and machines that have behaviour, all that is neither, and what
    these name; of the ledger, their files.  Named histories that nobody has then go, too."""
    texts = sources(root)
    homes = {name: path for path, text in texts.items() for name in DEFINITION.findall(text)}
    guests = tuple(os.path.join(root, layer, "") for layer in ("hw", "machine"))
    kept: set[str] = set()
    new = {path for path, text in texts.items()
           if not path.startswith(guests) or "'model': 'own'" in text or not KIND.search(text)}
    while new:
        kept |= new
        new = {homes[name] for path in new for name in NAME.findall(texts[path]) if name in homes} - kept
    for path in texts.keys() - kept:
        os.remove(path)
        ledger = os.path.join(root, "ledger", os.path.relpath(path, root).removesuffix(".json") + ".ledger")
        if os.path.exists(ledger):
            os.remove(ledger)
    used = {name for path in kept for name in re.findall("'@([^']+)'", texts[path])}
    for path in kept:
        text = TIMELINE.sub(lambda match: match[0] if match[1] in used else "", ALIASES.sub("", texts[path]))
        if text != texts[path]:
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text)
