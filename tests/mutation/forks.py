"""Tests run in forks of one process that has collected them: a changed function costs no second start.

``Collected`` holds the tests; its ``notice`` says whether one of them turns red with a change in place. Linux only.
"""

import ast
import importlib.abc
import importlib.util
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FunctionType

from tests.mutation.changes import Change

ROOT = Path(__file__).parent.parent.parent
SECONDS = 100  # of computing: a change may make a loop endless
_OPTIONS = ("-x", "-q", "-s", *("-p", "no:cacheprovider"), *("-p", "no:xdist"), *("-p", "no:pytest_cov"))


def file_of(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")


def collected(tests: Sequence[str], then: Callable[["Collected"], None]) -> None:
    """Collects the tests and calls ``then``; nothing has run yet at that time."""
    import pytest

    class Plugin:
        def pytest_runtestloop(self, session) -> bool:
            then(Collected(session.items))
            return True

    if pytest.main([*_OPTIONS, "--no-header", *tests], plugins=[Plugin()]):
        sys.exit("the tests could not be collected")


class Collected:
    """Tests ready to run, and which of them pass through which line (measured once, with the code as it is)."""

    def __init__(self, items: Sequence) -> None:
        import coverage

        self.items = list(items)
        with tempfile.TemporaryDirectory() as folder:
            data = str(Path(folder, "lines"))
            if _in_a_fork(lambda: self._measured(data), limit=0):
                sys.exit("the tests are red before anything was changed")
            seen = coverage.CoverageData(data)
            seen.read()
            self._lines = {file: seen.contexts_by_lineno(file) for file in seen.measured_files()}

    def _measured(self, data: str) -> bool:
        import coverage

        run = coverage.Coverage(data_file=data, include=[str(ROOT / "cchc_xl" / "*")], config_file=False)
        run.start()
        red = False
        for item, after in zip(self.items, [*self.items[1:], None], strict=True):
            run.switch_context(item.nodeid)
            red = red or _is_red(item, after)
        run.stop()
        run.save()
        return red

    def through(self, module: str, line: int) -> list:
        """The tests that pass through a line, or through the statement it belongs to."""
        lines = self._lines.get(str(file_of(module)), {})
        near = max((one for one in lines if one <= line), default=None)
        contexts = set(lines[near]) if near else set()
        return [item for item in self.items if item.nodeid in contexts]

    def of_module(self, module: str) -> list:
        """The tests that pass through any line of a module; all of them where a cache may hide that they do."""
        if "@cache" in file_of(module).read_text("utf-8"):
            return self.items
        contexts = {one for seen in self._lines.get(str(file_of(module)), {}).values() for one in seen}
        return [item for item in self.items if item.nodeid in contexts]

    def notice(self, module: str, change: Change) -> bool:
        """Is any test red with the change in place? First those of its line, then the others of its module."""
        if not change.inside:
            files = dict.fromkeys(str(item.path) for item in self.items)
            return _in_a_fork(lambda: _started_anew(module, change, list(files)))
        near = self.through(module, change.line)
        rest = [item for item in self.of_module(module) if item not in near]
        return _in_a_fork(lambda: _put_in(module, change) or _any_red([*near, *rest]))


def _in_a_fork(verdict: Callable[[], bool], limit: int = SECONDS) -> bool:
    """The verdict of a process of its own, which says nothing; one that dies or never ends counts as True."""
    child = os.fork()
    if not child:
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        signal.setitimer(signal.ITIMER_PROF, limit)  # computing, not waiting: the machine may be busy
        red = True
        try:
            red = verdict()
        finally:
            os._exit(red)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def _any_red(items: Sequence) -> bool:
    return any(_is_red(item, after) for item, after in zip(items, [*items[1:], None], strict=True))


def _is_red(item, after) -> bool:
    from _pytest.runner import runtestprotocol

    return any(report.failed for report in runtestprotocol(item, nextitem=after, log=False))


def _put_in(module: str, change: Change) -> bool:
    """The functions of a loaded module get their changed code. Always False: no test is red yet."""
    loaded = sys.modules[module]
    made = {"__name__": module, "__file__": str(file_of(module))}
    exec(compile(change.tree(), made["__file__"], "exec"), made)
    new = dict(_functions(made, module))
    for name, function in _functions(vars(loaded), module):
        function.__code__ = new[name].__code__
        function.__defaults__, function.__kwdefaults__ = new[name].__defaults__, new[name].__kwdefaults__
    return False


def _functions(names: Mapping[str, object], module: str) -> Iterator[tuple[str, FunctionType]]:
    """(qualified name, function) of what is defined there, behind caches and in classes too."""
    for name, one in names.items():
        one = getattr(one, "fget", None) or getattr(one, "__func__", None) or getattr(one, "__wrapped__", one)
        if (
            isinstance(one, FunctionType)
            and one.__module__ == module
            and one.__code__.co_filename == str(file_of(module))
        ):
            yield one.__qualname__, one
        elif isinstance(one, type) and one.__module__ == module and name == one.__name__:
            yield from _functions(vars(one), module)


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module its changed code."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name, self.tree = name, tree

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(file_of(name)))

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__file__ = module.__spec__.origin
        exec(compile(self.tree, module.__file__, "exec"), module.__dict__)


def _started_anew(module: str, change: Change, tests: Sequence[str]) -> bool:
    """A change outside of functions: everything is imported again with it."""
    import pytest

    sys.meta_path.insert(0, _Changed(module, change.tree()))
    for name in [one for one in sys.modules if one.startswith(("cchc_xl", "tests."))]:
        del sys.modules[name]
    return bool(pytest.main([*_OPTIONS, *tests]))
