"""Passwords of mail accounts: from the system's keyring or the environment, never from a file, never shown."""

import os
from collections.abc import Mapping

from cchc_xl.errors import MailError
from cchc_xl.text import without_controls

SERVICE = "cchc-xl"  # the name under which the keyring holds it: keyring set cchc-xl ACCOUNT
VARIABLE = "CCHC_XL_MAT_KHAU"


class Password(str):
    """A password that does not show itself in a log, an error or a list of local names."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Password(…)"


def password_for(account: str, environment: Mapping[str, str] = os.environ) -> Password:
    """The password of an account: the variable CCHC_XL_MAT_KHAU where it is set, else from the system's keyring.

    Raises MailError with a sentence on how to set it.
    """
    given = environment.get(VARIABLE, "").strip("\r\n")
    return Password(given or _from_keyring(account))


def _from_keyring(account: str) -> str:
    said = {"account": without_controls(account), "variable": VARIABLE, "service": SERVICE}
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ImportError as error:
        raise MailError("mail-password-missing", **said) from error
    try:
        found = keyring.get_password(SERVICE, account)
    except NoKeyringError as error:
        raise MailError("mail-password-missing", **said) from error
    except (KeyringError, OSError, RuntimeError) as error:
        raise MailError("mail-password-locked", **said) from error
    if not found:
        raise MailError("mail-password-missing", **said)
    return found
