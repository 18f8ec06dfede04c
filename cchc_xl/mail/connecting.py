"""A connection to the server that sends mail: encrypted, its certificate verified, logged in; or one clear sentence."""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from cchc_xl import errors
from cchc_xl.editions.catalogue import words
from cchc_xl.errors import MailError
from cchc_xl.text import without_controls

STARTTLS, SSL, PLAIN = "starttls", "ssl", "none-on-loopback"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PORTS = {STARTTLS: 587, SSL: 465, PLAIN: 25}
_TIMEOUT = 60.0
PATIENCE = 300.0  # for the answer to a whole letter: servers look for viruses first
_NAME_SAID = "[127.0.0.1]"  # to the server, as mail programs do: the machine's own name is nobody's business
_SHOWN = 160  # characters of what a server says


class Account(Protocol):
    """What is needed to send; ``port`` None and ``security`` "" mean the usual ones."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int | None: ...
    @property
    def security(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def sender(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An SMTP server. ``security``: starttls, ssl, or none-on-loopback; ``user`` "": no login."""

    host: str
    port: int | None = None
    security: str = STARTTLS
    user: str = ""
    sender: str = ""


@contextlib.contextmanager
def connected(server: Account, password: str) -> Iterator[smtplib.SMTP]:
    """A connection, encrypted and logged in. Raises MailError."""
    security = server.security or STARTTLS
    if security not in _PORTS:
        raise MailError("mail-security", security=without_controls(security))
    if security == PLAIN and server.host not in LOOPBACK:
        raise MailError("mail-plain", host=without_controls(server.host))
    port = server.port or _PORTS[security]
    said = {"host": without_controls(server.host), "port": port}
    try:
        connection = _opened(server.host, port, security)
    except ssl.SSLCertVerificationError as error:
        raise MailError("mail-untrusted", **said, problem=problem_of(error)) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailError("mail-no-tls", **said) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise MailError("mail-unreachable", **said, problem=problem_of(error)) from error
    try:
        if server.user:
            _log_in(connection, server, password)
        _greet(connection, said)
        with contextlib.suppress(OSError):  # the short end of a letter need not wait for its long beginning
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            connection.quit()
        connection.close()


def _opened(host: str, port: int, security: str) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if security == SSL:
        return smtplib.SMTP_SSL(host, port, local_hostname=_NAME_SAID, timeout=_TIMEOUT, context=context)
    with contextlib.ExitStack() as closing:
        connection = smtplib.SMTP(host, port, local_hostname=_NAME_SAID, timeout=_TIMEOUT)
        closing.callback(connection.close)
        if security == STARTTLS and connection.starttls(context=context)[0] != 220:
            raise smtplib.SMTPNotSupportedError  # going on would be in the clear
        closing.pop_all()
    return connection


def _greet(connection: smtplib.SMTP, said: dict[str, object]) -> None:
    try:
        connection.ehlo_or_helo_if_needed()
    except (smtplib.SMTPException, OSError) as error:
        raise MailError("mail-unreachable", **said, problem=problem_of(error)) from error


def _log_in(connection: smtplib.SMTP, server: Account, password: str) -> None:
    said = {"host": without_controls(server.host), "user": without_controls(server.user)}
    try:
        connection.login(server.user, password)
    except smtplib.SMTPNotSupportedError as error:
        raise MailError("mail-no-login", **said) from error
    except UnicodeEncodeError:
        raise MailError("mail-password-letters", **said) from None  # the error holds the password
    except smtplib.SMTPAuthenticationError as error:
        raise MailError("mail-login", **said) from error
    except (smtplib.SMTPException, OSError) as error:
        port = server.port or _PORTS[server.security or STARTTLS]
        raise MailError("mail-unreachable", host=said["host"], port=port, problem=problem_of(error)) from error


def problem_of(error: Exception) -> str:
    """What went wrong with a connection, in a few words."""
    said = words("mail")["problems"]
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(words("mail")["certificates"].get(str(error.verify_code), said["certificate"]))
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return str(said["tls"])
    if isinstance(error, TimeoutError):
        return str(said["slow"])
    if isinstance(error, socket.gaierror | UnicodeError):
        return str(said["name"])
    if isinstance(error, ConnectionRefusedError):
        return str(said["refused"])
    if isinstance(error, ConnectionError | ssl.SSLError | smtplib.SMTPServerDisconnected | EOFError):
        return str(said["closed"])
    if isinstance(error, smtplib.SMTPResponseException):
        return str(said["answer"]).format(answer=f"{error.smtp_code} {answer_text(error.smtp_error)}".strip())
    if isinstance(error, OSError) and error.strerror:
        return answer_text(errors.problem_of(error))
    return str(said["protocol"])


def answer_text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return without_controls(text)[:_SHOWN]
