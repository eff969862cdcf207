# SPDX-License-Identifier: MIT
"""Names of the schema as names of C."""

from __future__ import annotations

import re
from functools import lru_cache

PLAIN = re.compile(r"[^A-Za-z0-9_]")
RESERVED = frozenset("""
    auto break case char const continue default do double else enum extern float for goto if inline int long
    register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
    asm typeof bool true false linux unix i386 errno stdin stdout stderr NULL
    alignas alignof noreturn static_assert thread_local nullptr constexpr complex imaginary
    """.split())
# Types of the runtime's own headers, which a schema's type must not repeat.
RUNTIME_TYPES = frozenset("""
    VtAnswer VtAxis VtBranch VtBus VtBusInfo VtBusOps VtBusRow VtBusType VtChild VtClaim VtClass VtClassInfo
    VtClassLayer VtCodec VtCold VtCommand VtCommandLine VtCondition VtConditionFunc VtConfig VtContext VtCreation
    VtDemand VtDerive VtDeriveThunk VtEntry VtEntryKey VtError VtFeature VtHmp VtHmpArg VtImage VtInput VtIntrospection VtKind
    VtLayer VtList VtMachine VtMachineName VtModel VtMonitor VtMonitorServer VtName VtObject VtOps VtOption
    VtOrigin VtOverride VtOverrides VtPlatform VtProbe VtProgram VtProp VtProvenance VtRange VtRef VtRefFunc
    VtRefRow VtRename VtRow VtScalar VtSchema VtScope VtSegment VtService VtServiceState VtTimeline VtTreeFunc VtType
    VtTypeKind VtValue VtVersion VtVm
    """.split())


@lru_cache(None)
def c_name(name: str, protect: bool = True) -> str:
    """A C identifier; @protect keeps it clear of keywords and leading digits.

    A comma is spelt out: QEMU renamed types such as 'xlnx,efuse' to 'xlnx-efuse', and the schema has both."""
    name = PLAIN.sub("_", name.replace(",", "_comma_"))
    if protect and (name in RESERVED or name[:1].isdigit()):
        return "q_" + name
    return name


@lru_cache(None)
def camel(name: str) -> str:
    """virtio-blk-device: VirtioBlkDevice; a name in capitals throughout is spelt as a word."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name.replace(",", "-comma-")) if word]
    text = ""
    for word in words:
        if len(words) > 1 and len(word) > 1 and word.isupper():
            word = word.lower()
        if text[-1:].isdigit() and word[:1].isdigit():
            text += "_"
        text += word[:1].upper() + word[1:]
    return text


@lru_cache(None)
def type_c_name(name: str) -> str:
    """The C type of a plain type."""
    text = "Vt" + camel(name)
    return "VtQ" + text[2:] if text in RUNTIME_TYPES else text


def class_c_name(name: str) -> str:
    """The C type of a class's config."""
    text = "Vt" + camel(name)
    return text + "Config" if text in RUNTIME_TYPES else text


@lru_cache(None)
def snake(name: str) -> str:
    """BlockConf: block_conf; QCryptoTLSCreds: q_crypto_tls_creds."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return c_name(name).lower()


def form_codec(name: str) -> str:
    """The codec of a scalar whose texts have forms."""
    return f"vt_codec_{snake(name)}"


def enum_prefix(name: str, prefix: str | None) -> str:
    if prefix:
        return "VT_" + prefix
    return ("VT_Q_" if "Vt" + camel(name) in RUNTIME_TYPES else "VT_") + PLAIN.sub("_", snake(name)).upper()


def enum_constant(enum: str, prefix: str | None, value: str) -> str:
    return f"{enum_prefix(enum, prefix)}_{PLAIN.sub('_', value).upper()}"
