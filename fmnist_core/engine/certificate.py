"""The certificate without which nobody connects to the engine: Dask runs whatever it is sent.

One file holds the key, its certificate and so the authority for it: who has the file may connect,
and scheduler, workers and dashboard show it to one another (TLS, both sides).
"""

from __future__ import annotations

import os
import ssl
import stat
from datetime import UTC, datetime
from pathlib import Path

from distributed import Security

from fmnist_core.config import DASK_CERTIFICATE
from fmnist_core.engine.problems import EngineUnavailable
from fmnist_core.private import data_folder, read_or_create, scratch_folder

_FILE = "engine.pem"
# It is no identity but a shared secret, and no clock shall end it.
_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
_UNTIL = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class CertificateUnusable(EngineUnavailable):
    """The certificate cannot be read, or somebody else could."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The engine's certificate ({_FILE} in your data folder, or the one named in "
            f"{DASK_CERTIFICATE.name}) {problem}, so the engine is not started. Remove it, and "
            "another is made."
        )


def certificate() -> Path:
    """The file with key and certificate, made where it is missing.

    Raises:
        CertificateUnusable: it cannot be made or read, others can read it, or it is none.
        NotPrivate: this user has no folder to keep it in.
    """
    file = (DASK_CERTIFICATE.get() or data_folder() / _FILE).absolute()
    try:
        if not file.exists():
            read_or_create(file, _create)
        _refuse_unless_private(file)
        ssl.create_default_context(cafile=file).load_cert_chain(file)
    except ssl.SSLError as error:
        raise CertificateUnusable("holds no key with its certificate") from error
    except OSError as error:
        reason = (error.strerror or "for an unknown reason").lower()
        raise CertificateUnusable(f"cannot be used ({reason})") from error
    return file


def security() -> Security:
    """The TLS settings of a Dask client, with the certificate; plain connections are refused.

    Raises:
        CertificateUnusable, NotPrivate: as for ``certificate``.
    """
    file = str(certificate())
    # The key, too, or Dask's own configuration of this user would name another.
    return Security(
        require_encryption=True, tls_ca_file=file, tls_client_cert=file, tls_client_key=file
    )


def dask_environment() -> dict[str, str]:
    """The environment in which Dask's programs ask for the certificate, and answer no HTTP.

    Raises:
        CertificateUnusable, NotPrivate: as for ``certificate``.
    """
    file, dask = str(certificate()), "DASK_DISTRIBUTED__"
    roles = ("SCHEDULER", "WORKER", "CLIENT")
    return {
        DASK_CERTIFICATE.name: file,
        f"{dask}COMM__REQUIRE_ENCRYPTION": "True",
        f"{dask}COMM__TLS__CA_FILE": file,
        **{f"{dask}COMM__TLS__{role}__{part}": file for role in roles for part in ("CERT", "KEY")},
        f"{dask}SCHEDULER__HTTP__ROUTES": "[]",
        f"{dask}WORKER__HTTP__ROUTES": "[]",
        # A training whose worker died must show as interrupted, not start again by itself.
        f"{dask}SCHEDULER__ALLOWED_FAILURES": "0",
        # A worker looks there for modules first, so nobody else may write there.
        "DASK_TEMPORARY_DIRECTORY": str(scratch_folder()),
    }


def _refuse_unless_private(file: Path) -> None:
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise CertificateUnusable("is no regular file")
    # One that root keeps may be readable by a group, as a system's secrets are.
    ours = status.st_uid == os.geteuid() and not status.st_mode & 0o077
    roots = status.st_uid == 0 and not status.st_mode & 0o037
    if not ours and not roots:
        raise CertificateUnusable("belongs to somebody else or can be read by others")


def _create() -> bytes:
    # Imported here: it takes memory, and is needed once.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Fashion-MNIST Atelier's engine")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_SINCE)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    return signed.public_bytes(encoding) + key.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
