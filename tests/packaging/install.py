#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""'meson install': each file is where it is looked for, and a program of others needs nothing of the source tree."""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from vintage_test import BUILD, Skip, SocketQmp, equal, main, matches, test  # noqa: E402

SOURCE = os.environ["VINTAGE_SOURCE"]
PROGRAMS = ("vintage", "vintage-vm", "vintage-backends")
PAGES = ("man1/vintage.1", "man1/vintage-vm.1", "man1/vintage-backends.1", "man1/qapi-gen.1", "man5/vintage-config.5",
         "man7/vintage-schema.7")
LIBRARIES = ("vintage-runtime", "vintage-backends")
UNITS = ("vintage-backends@.service", "vintage-backends@.socket")
PROGRAM = """
int main(int argc, char **argv)
{
    g_autoptr(VtInput) input = vt_input_new_option("a=1", NULL, "x", NULL);
    return argc != 1 || !input || !vt_ops_rng_builtin.realize || vt_layer_runtime.n_types == 0 || !*argv;
}
"""

_place = tempfile.TemporaryDirectory()


def installed() -> str:
    """The prefix of an installation."""
    if not os.listdir(_place.name):
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", _place.name], check=True,
                       capture_output=True)
    return os.path.dirname(os.path.dirname(glob.glob(f"{_place.name}/**/bin/vintage", recursive=True)[0]))


def pkg_config(library: str, *options: str) -> list[str]:
    prefix = installed()
    paths = [os.path.dirname(path) for path in glob.glob(f"{prefix}/lib/**/pkgconfig/*.pc", recursive=True)]
    return subprocess.run(["pkg-config", *options, library], check=True, capture_output=True, text=True,
                          env={**os.environ, "PKG_CONFIG_PATH": ":".join(sorted(set(paths)))}).stdout.split()


def library_path() -> str:
    return os.path.dirname(glob.glob(f"{installed()}/lib/**/libvintage-runtime.so", recursive=True)[0])


@test
def each_file_has_its_place() -> None:
    prefix = installed()
    found = {os.path.relpath(os.path.join(folder, name), prefix): os.path.getsize(os.path.join(folder, name))
             for folder, _, names in os.walk(prefix) for name in names}
    assert all(found.values()), [name for name, size in found.items() if not size]
    library = os.path.relpath(library_path(), prefix)
    described = subprocess.run(["meson", "introspect", "--projectinfo", BUILD], check=True, capture_output=True).stdout
    version = json.loads(described)["version"]
    expected = [f"bin/{name}" for name in (*PROGRAMS, "qapi-gen")]
    expected += [f"share/man/{page}" for page in PAGES]
    expected += [f"share/bash-completion/completions/{name}" for name in PROGRAMS]
    expected += [f"share/fish/vendor_completions.d/{name}.fish" for name in PROGRAMS]
    expected += ["share/zsh/site-functions/_vintage"]
    expected += [f"lib/systemd/system/{unit}" for unit in UNITS]
    expected += [f"{library}/pkgconfig/{name}.pc" for name in LIBRARIES]
    expected += [f"{library}/lib{name}.{end}" for name in LIBRARIES for end in ("a", "so", "so.0", f"so.{version}")]
    others = ("include/vintage/vt-", "share/vintage/schema/", "share/vintage/qapi-gen/")
    equal(sorted(name for name in found if not name.startswith(others)), sorted(expected))
    for name in PROGRAMS:
        done = subprocess.run([os.path.join(prefix, "bin", name), "--help"], capture_output=True, text=True, check=True)
        assert "usage" in done.stdout.lower(), done.stdout[:200]


@test
def a_program_of_others_includes_each_header_and_links_each_library() -> None:
    headers = sorted(glob.glob(f"{installed()}/include/vintage/vt-*/*.h"))
    assert len(headers) > 50, headers
    with tempfile.TemporaryDirectory() as directory:
        source, program = os.path.join(directory, "own.c"), os.path.join(directory, "own")
        with open(source, "w", encoding="utf-8") as file:
            file.writelines(f'#include "{os.path.relpath(name, installed() + "/include/vintage")}"\n' for name in headers)
            file.write(PROGRAM)
        flags = pkg_config("vintage-backends", "--cflags", "--libs")
        subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers", source, "-o", program, *flags],
                       check=True)
        subprocess.run([program], check=True, env={**os.environ, "LD_LIBRARY_PATH": library_path()})
        archives = [f"{library_path()}/lib{name}.a" for name in reversed(LIBRARIES)]
        needed = [word for word in pkg_config("vintage-backends", "--static", "--libs") if not word.startswith("-lvintage")]
        subprocess.run(["cc", source, "-o", program, *pkg_config("vintage-backends", "--cflags"), *archives, *needed], check=True)
        subprocess.run([program], check=True)


def own_project(directory: str) -> tuple[dict[str, str], str]:
    """A copy of examples/own-vmm; the environment of its build, and its directory."""
    project = os.path.join(directory, "own-vmm")
    shutil.copytree(os.path.join(SOURCE, "examples", "own-vmm"), project)
    pkgconfig = os.path.join(library_path(), "pkgconfig")
    return {**os.environ, "QAPI_GEN": os.path.join(installed(), "bin", "qapi-gen"), "PKG_CONFIG_PATH": pkgconfig,
            "LD_LIBRARY_PATH": library_path()}, project


@test
def own_vmm_is_built_from_what_is_installed_and_passes_its_own_tests() -> None:
    with tempfile.TemporaryDirectory() as directory:
        environment, project = own_project(directory)
        done = subprocess.run(["make", "-s", "test"], cwd=project, env=environment, capture_output=True, text=True, check=False)
        equal((done.returncode, done.stderr), (0, ""))
        lines = sum(1 for name in glob.glob(f"{project}/*.c") for _ in open(name, encoding="utf-8"))
        assert lines <= 300, lines
    shared = pkg_config("vintage-runtime", "--variable=schemadir")
    assert os.path.exists(os.path.join(shared[0], "vintage-backends.json")), shared


@test
def own_vmm_cannot_rename_a_released_property() -> None:
    with tempfile.TemporaryDirectory() as directory:
        environment, project = own_project(directory)
        path = os.path.join(project, "own-vmm.json")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("'*width'", "'*breadth'").replace("@width:", "@breadth:"))
        done = subprocess.run(["make", "-s"], cwd=project, env=environment, capture_output=True, text=True, check=False)
        equal(done.returncode, 2)
        matches(done.stderr, r"^own-vmm.json:\d+: In class 'sign': member 'width' was released and is gone")
        assert not os.path.exists(os.path.join(project, "build", "own-vmm"))


@test
def systemd_accepts_the_units() -> None:
    if not shutil.which("systemd-analyze"):
        raise Skip("systemd-analyze is absent")
    units = os.path.join(installed(), "lib", "systemd", "system")
    with tempfile.TemporaryDirectory() as directory:
        for unit in UNITS:
            with open(os.path.join(units, unit), encoding="utf-8") as file:
                text = file.read()
            # Only an installed program is at its path.
            start = text.find("ExecStart=")
            with open(os.path.join(directory, unit.replace("@", "@x")), "w", encoding="utf-8") as file:
                file.write(text if start < 0 else text[:start] + "ExecStart=" + installed() + text[text.index("/bin/", start):])
        for unit in UNITS:
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", os.path.join(directory, unit.replace("@", "@x"))],
                                  capture_output=True, text=True, check=False)
            equal((done.returncode, done.stderr), (0, ""))


@test
def systemd_starts_the_service_for_the_first_client() -> None:
    activate = shutil.which("systemd-socket-activate")
    if not activate:
        raise Skip("systemd-socket-activate is absent")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "qmp")
        config = os.path.join(SOURCE, "packaging", "examples", "backends-socket.json")
        server = subprocess.Popen([activate, "-l", path, os.path.join(BUILD, "vintage-backends"), "-sandbox", "on",
                                   "-config", config], stderr=subprocess.DEVNULL)
        try:
            client = SocketQmp(path).negotiate()
            equal([each["name"] for each in client.call("qom-list", path="/objects") if each["name"] != "type"], ["entropy"])
            client.call("quit")
            equal(server.wait(20), 0)
        finally:
            server.kill()


if __name__ == "__main__":
    main()
