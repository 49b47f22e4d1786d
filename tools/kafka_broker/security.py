"""Listeners of tools/kafka-local that ask who comes: SASL without TLS, TLS with a client's certificate, SASL over TLS.

They are for this machine only: one user, NAME, whose passwords stand here, and certificates of an authority that is
made with the broker's folder. Its files lie in DIR/security: ca.pem, client.pem, client.key.
"""
from __future__ import annotations

import subprocess
from pathlib import Path

LISTENERS = ("SASL_PLAINTEXT", "SSL", "SASL_SSL")
NAME = "nudge"
# SCRAM's passwords may be changed, and users be added, while the broker runs (tools/kafka-local password).
PLAIN_PASSWORD, SCRAM_PASSWORD, KEY_PASSWORD = "plain-secret", "scram-secret", "key-secret"
SCRAM = "SCRAM-SHA-512"
DAYS, REAUTHENTICATION_MS = "30", 2000


class Refused(Exception):
    """openssl could not make what was asked for."""


def openssl(folder: Path, *arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode:
        raise Refused(f"openssl {arguments[0]}: {done.stdout[-1000:]}")


def certify(folder: Path, name: str, subject: str, alternative: str) -> None:
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", subject, "-addext",
            f"subjectAltName={alternative}", "-keyout", f"{name}.plain.key", "-out", f"{name}.csr")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", DAYS, "-copy_extensions", "copy", "-out", f"{name}.pem")


def make_certificates(folder: Path, host: str) -> None:
    """An authority, a broker's certificate for `host` alone, and a client's, whose key has a password."""
    folder.mkdir(parents=True, exist_ok=True)
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", DAYS, "-subj", "/CN=nudge test authority",
            "-keyout", "ca.key", "-out", "ca.pem")
    certify(folder, "broker", f"/CN={host}", f"IP:{host}")
    certify(folder, "client", f"/CN={NAME}", f"DNS:{NAME}")
    openssl(folder, "pkcs8", "-topk8", "-in", "client.plain.key", "-out", "client.key", "-passout",
            f"pass:{KEY_PASSWORD}")
    (folder / "broker.keystore.pem").write_text(
        (folder / "broker.plain.key").read_text() + (folder / "broker.pem").read_text())


def settings(folder: Path) -> dict[str, object]:
    """What server.properties says of these listeners, beside their places."""
    modules = "org.apache.kafka.common.security"
    values: dict[str, object] = {
        "sasl.enabled.mechanisms": f"PLAIN,{SCRAM},OAUTHBEARER",
        "ssl.keystore.type": "PEM", "ssl.keystore.location": folder / "broker.keystore.pem",
        "ssl.truststore.type": "PEM", "ssl.truststore.location": folder / "ca.pem",
        "listener.name.ssl.ssl.client.auth": "required",
    }
    # Who is connected must say again who it is, so that a password that was changed matters.
    values["listener.name.sasl_plaintext.connections.max.reauth.ms"] = REAUTHENTICATION_MS
    for listener in ("sasl_plaintext", "sasl_ssl"):
        values[f"listener.name.{listener}.plain.sasl.jaas.config"] = (
            f'{modules}.plain.PlainLoginModule required user_{NAME}="{PLAIN_PASSWORD}";')
        values[f"listener.name.{listener}.{SCRAM.lower()}.sasl.jaas.config"] = (
            f"{modules}.scram.ScramLoginModule required;")
        # Takes tokens that nobody signed.
        values[f"listener.name.{listener}.oauthbearer.sasl.jaas.config"] = (
            f'{modules}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="{NAME}";')
    return values


def scram_of(password: str) -> str:
    """For `format`."""
    return f"{SCRAM}=[name={NAME},password={password}]"
