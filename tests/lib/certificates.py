# SPDX-License-Identifier: MIT
"""Certificates, created by certtool on demand."""

import os
import shutil
import subprocess

from vintage_test import VM, Skip, missing_library, run, write_file

AUTHORITY = "ca\ncert_signing_key\ncrl_signing_key\n"
SERVER = "tls_www_server\nsigning_key\nencryption_key\ndns_name = localhost\nip_address = 127.0.0.1\n"
CLIENT = "tls_www_client\nsigning_key\n"
EXPIRED = 'activation_date = "2020-01-01 00:00:00"\nexpiration_date = "2021-01-01 00:00:00"\n'
NOT_YET = 'activation_date = "2090-01-01 00:00:00"\nexpiration_date = "2091-01-01 00:00:00"\n'
VALID = "expiration_days = 30\n"


def need_tls() -> None:
    """Skips a test if the program was built without TLS, as the priority shows."""
    if missing_library(run(VM, "-machine", "none", "-object", "tls-creds-anon,id=c,priority=none").stderr):
        raise Skip("built without gnutls")


def need(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            raise Skip(f"there is no {program}")


class Authority:
    """Issues certificates into its own directory."""

    def __init__(self, directory: str, name: str, template: str = AUTHORITY + VALID, issuer: "Authority | None" = None,
                 common_name: str = ""):
        need("certtool")
        self.directory = os.path.join(directory, name)
        os.mkdir(self.directory)
        self.key = self._key("ca")
        self.cert = self._certificate("ca", common_name or name, template, self.key, issuer)

    def _tool(self, *arguments: str) -> None:
        subprocess.run(["certtool", *arguments], check=True, capture_output=True, cwd=self.directory)

    def _key(self, name: str, kind: str = "ecdsa") -> str:
        path = os.path.join(self.directory, f"{name}-key.pem")
        self._tool("--generate-privkey", f"--key-type={kind}", "--outfile", path)
        return path

    def _certificate(self, name: str, common_name: str, template: str, key: str, issuer: "Authority | None") -> str:
        path = os.path.join(self.directory, f"{name}-cert.pem")
        text = write_file(self.directory, f"{name}.template", f'cn = "{common_name}"\n{template}')
        kind = ["--generate-certificate", "--load-ca-certificate", issuer.cert, "--load-ca-privkey", issuer.key] \
            if issuer else ["--generate-self-signed"]
        self._tool(*kind, "--load-privkey", key, "--template", text, "--outfile", path)
        return path

    def issue(self, name: str, template: str, kind: str = "ecdsa") -> tuple[str, str]:
        """A certificate for CN=@name, and its key."""
        if "_date" not in template:
            template += VALID
        key = self._key(name, kind)
        return self._certificate(name, name, template, key, self), key

    def revoke(self, *certs: str) -> str:
        """Creates a revocation list."""
        path = os.path.join(self.directory, "crl.pem")
        together = write_file(self.directory, "revoked.pem", "".join(open(cert, encoding="ascii").read() for cert in certs))
        template = write_file(self.directory, "crl.template", "expiration_days = 30\ncrl_number = 1\n")
        self._tool("--generate-crl", "--load-ca-certificate", self.cert, "--load-ca-privkey", self.key,
                   "--load-certificate", together, "--template", template, "--outfile", path)
        return path


def bundle(directory: str, name: str, **files: str) -> str:
    """Creates a credentials directory: ca_cert=PATH becomes ca-cert.pem."""
    path = os.path.join(directory, name)
    os.mkdir(path)
    for file, source in files.items():
        shutil.copy(source, os.path.join(path, file.replace("_", "-") + ".pem"))
    return path
