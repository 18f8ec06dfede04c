"""Broken set-up: what stops the program. A clerk's mistake is never one of these (see ``Finding``)."""

import errno
import tomllib
from collections.abc import Mapping
from importlib import resources


class CchcError(Exception):
    """A problem of our set-up, said to the user as one sentence of ``editions/ui.toml``.

    ``name`` is the key under ``[errors]`` there; ``args`` fill its blanks.
    """

    def __init__(self, name: str, /, **args: object) -> None:
        super().__init__(name, args)
        self.name = name
        self.arguments: Mapping[str, object] = args


class DefinitionError(CchcError):
    """An edition's data contradict themselves. ``problems`` lists all of them, each naming file and key."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("edition-broken", problems="; ".join(problems), count=len(problems))
        self.problems = problems


class RosterError(CchcError):
    """The list of units can't be used."""


class UsageError(CchcError):
    """The command can't be carried out as given (nothing to consolidate, unknown edition or period …)."""


class OutputError(CchcError):
    """A file could not be written; whatever stood there before still stands there."""


class RoundError(CchcError):
    """A round's folder or ledger can't be used as it is: locked by somebody, altered, from another program."""


class MailError(CchcError):
    """A letter can't be written or sent, or a mailbox not be read; what was sent or taken in stays so."""


def problem_of(error: Exception) -> str:
    """What the system says of a file or folder, in the user's language where ``errors.toml`` has it."""
    odd_name = errno.EILSEQ if isinstance(error, ValueError) else None  # a sign that no path can have
    number = getattr(error, "errno", odd_name)
    said = tomllib.loads(resources.files("cchc_xl").joinpath("errors.toml").read_text("utf-8"))
    return said.get(errno.errorcode.get(number, "")) or getattr(error, "strerror", None) or str(error)
