"""Real mail servers on loopback: dovecot for IMAP, aiosmtpd with STARTTLS and login for SMTP, one private authority.

``imap`` and ``smtp`` are skipped where their program is missing, and fail there when CCHC_REQUIRE_TOOLS=1.
The fixtures are known to every test by ``tests/conftest.py``.
"""

import asyncio
import contextlib
import imaplib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

PASSWORD = "mật khẩu thử".encode().hex()  # ASCII, as most servers want it
DOVECOT = "/usr/sbin/dovecot"
_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
auth_failure_delay = 0
auth_mechanisms = plain login
disable_plaintext_auth = yes
ssl = required
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
first_valid_uid = 1
mail_location = maildir:{home}/mail/%u
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Nháp {{
    auto = create
    special_use = \\Drafts
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


def missing(what: str):
    reason = f"{what} is not installed"
    pytest.fail(reason) if os.environ.get("CCHC_REQUIRE_TOOLS") == "1" else pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@dataclass(frozen=True)
class Authority:
    """A private certificate authority and one certificate for localhost. ``ca``: what a client has to trust."""

    ca: Path
    certificate: Path
    key: Path


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Authority:
    trustme = pytest.importorskip("trustme")
    folder, maker = tmp_path_factory.mktemp("ca"), trustme.CA()
    server = maker.issue_cert("localhost", "127.0.0.1")
    found = Authority(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    maker.cert_pem.write_to_path(found.ca)
    for number, one in enumerate(server.cert_chain_pems):
        one.write_to_path(found.certificate, append=number > 0)
    server.private_key_pem.write_to_path(found.key)
    return found


@pytest.fixture
def trusted(authority, monkeypatch) -> Authority:
    """The authority, trusted as an office trusts its own: by SSL_CERT_FILE."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    return authority


@dataclass(frozen=True)
class Dovecot:
    """``port`` is for TLS from the first byte, ``plain`` for STARTTLS. Every user exists; all have one password."""

    port: int
    plain: int
    ca: Path
    mail: Path
    password: str = PASSWORD

    def url(self, user: str, folder: str = "INBOX") -> str:
        return f"imaps://{user}@localhost:{self.port}/{folder}"

    @contextlib.contextmanager
    def client(self, user: str) -> Iterator[imaplib.IMAP4_SSL]:
        context = ssl.create_default_context(cafile=self.ca)
        client = imaplib.IMAP4_SSL("localhost", self.port, ssl_context=context)
        client.login(user, self.password)
        try:
            yield client
        finally:
            client.logout()

    def deliver(self, user: str, *messages: bytes, at: datetime = datetime(2022, 6, 20, 9, 0, tzinfo=UTC)) -> None:
        with self.client(user) as client:
            for one in messages:
                status, said = client.append("INBOX", "", at, one)
                assert status == "OK", said

    def state(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Flags and numbers of every message, as the server has them."""
        with self.client(user) as client:
            assert client.select(folder, readonly=True)[0] == "OK"
            return [line for line in client.fetch("1:*", "(UID FLAGS RFC822.SIZE)")[1] if line]


@pytest.fixture(scope="session")
def imap(authority) -> Iterator[Dovecot]:
    """A dovecot of its own, run by nobody where the tests run as root."""
    pytest.importorskip("imap_tools")
    if not Path(DOVECOT).exists():
        missing("dovecot (dovecot-imapd)")
    version = subprocess.run([DOVECOT, "--version"], capture_output=True, text=True).stdout
    if not version.startswith("2.3."):  # the next one is configured in another language
        missing("dovecot 2.3")
    import grp  # where there is a dovecot, there are these
    import pwd

    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    group = grp.getgrgid(owner.pw_gid).gr_name
    found = Dovecot(port=free_port(), plain=free_port(), ca=authority.ca, mail=home / "mail")
    try:
        _prepare(home, authority, owner.pw_uid, owner.pw_gid)
        config = home / "dovecot.conf"
        said = {"user": owner.pw_name, "group": group, "password": PASSWORD, "home": home}
        config.write_text(_CONFIG.format(**said, port=found.port, plain=found.plain), "utf-8")
        process = subprocess.Popen([DOVECOT, "-F", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _wait_for(found.port, process, home / "dovecot.log")
            yield found
        finally:
            process.terminate()
            process.wait(10)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _prepare(home: Path, authority: Authority, uid: int, gid: int) -> None:
    shutil.copy(authority.certificate, home / "server.pem")
    shutil.copy(authority.key, home / "server.key")
    home.chmod(0o755)
    for name in ("run", "state", "mail"):
        (home / name).mkdir()
    for path in (home, *home.iterdir()):
        os.chown(path, uid, gid)


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    for _ in range(100):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    told = log.read_text("utf-8", "replace") if log.exists() else ""
    pytest.fail(f"dovecot does not answer: {told[-2000:]}")


@dataclass
class Post:
    """What an SMTP server does and has got.

    ``script``: what happens to the n-th letter (from 0): a reply line, "cut-early" (the connection ends at the
    receiver), "cut" (at the end of the letter, not taken), "cut-after" (taken, then it ends unanswered).
    ``refuse``: sender or receiver -> reply line. ``slow``: seconds it takes over each letter.
    """

    script: dict[int, str] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    slow: float = 0.0
    got: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)
    tried: int = 0
    host: str = "localhost"
    port: int = 0
    user: str = "noivu@tuky.gov.vn"
    password: str = PASSWORD

    async def handle_MAIL(self, server, session, envelope, address, options):
        if address in self.refuse:
            return self.refuse[address]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.script.get(self.tried) == "cut-early":
            self.tried += 1
            server.transport.abort()
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        step = self.script.get(self.tried, "")
        self.tried += 1
        await asyncio.sleep(self.slow)
        if step not in ("", "cut-after"):
            if step == "cut":
                server.transport.abort()
            return "451 cut" if step == "cut" else step
        self.got.append((tuple(envelope.rcpt_tos), bytes(envelope.content)))
        if step == "cut-after":
            server.transport.abort()
        return "250 OK"


@pytest.fixture
def smtp(authority) -> Iterator[Post]:
    """An SMTP server that wants STARTTLS, then a login."""
    pytest.importorskip("aiosmtpd")
    with serving(authority, Post()) as post:
        yield post


@contextlib.contextmanager
def serving(authority: Authority, post: Post, *, kind: str = "starttls", login: bool = True) -> Iterator[Post]:
    """``kind``: starttls, ssl (from the first byte), plain."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.certificate, authority.key)

    def check(server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (post.user.encode(), post.password.encode())
        return AuthResult(success=right, handled=False)

    asked = {"authenticator": check, "auth_required": kind == "starttls"} if login else {}
    if kind == "starttls":
        asked |= {"tls_context": context, "require_starttls": True}
    elif login:
        asked["auth_require_tls"] = False  # the connection is encrypted before the protocol begins
    post.port = free_port()
    over_tls = {"ssl_context": context} if kind == "ssl" else {}
    controller = Controller(post, hostname="127.0.0.1", port=post.port, **over_tls, **asked)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


@contextlib.contextmanager
def cut_after(port: int, *, there: float = float("inf"), back: float = float("inf")) -> Iterator[int]:
    """A wire to that port that ends once so many bytes have gone there or come back; the port to use instead."""
    listening = socket.create_server(("127.0.0.1", 0))

    def carry(source: socket.socket, target: socket.socket, left: float) -> None:
        with contextlib.suppress(OSError):
            while left > 0 and (some := source.recv(int(min(left, 65536)))):
                target.sendall(some)
                left -= len(some)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        with contextlib.suppress(OSError):
            client, _ = listening.accept()
            server = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=carry, args=(client, server, there), daemon=True).start()
            carry(server, client, back)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()
