"""The recipe for a cluster: the same reading and checking on Dask's workers, one of them killed in the middle."""

import os
import signal

import pytest

from cchc_xl.rounds.pipeline import consolidate_paths
from cchc_xl.rounds.reading.intake_files import read_checked, workbooks_in

from .test_cli import ROSTER, SAMPLE
from .test_rounds_cache import outputs
from .test_rounds_workers import UNITS

FILES = workbooks_in([SAMPLE / "nhan-ve"])


@pytest.fixture(scope="module")
def client():
    """A client of a cluster of two workers on this machine."""
    try:
        from dask import config
        from dask.distributed import Client, LocalCluster
    except ImportError:
        reason = "dask.distributed is not installed"
        pytest.fail(reason) if os.environ.get("CCHC_REQUIRE_TOOLS") == "1" else pytest.skip(reason)
    with (
        config.set({"distributed.scheduler.allowed-failures": 3}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


def test_a_cluster_gives_the_same_even_when_a_worker_is_killed(client):
    killed = []

    def kill_one(step: str, done: int, total: int) -> None:
        if done == 4 and not killed:
            killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    found = read_checked(FILES, roster=UNITS, executor=client.get_executor(), progress=kill_one)
    assert repr(found) == repr(read_checked(FILES, roster=UNITS))
    assert killed


def test_the_whole_job_on_a_cluster_writes_the_same_files(client, tmp_path):
    consolidate_paths([SAMPLE / "nhan-ve"], roster=ROSTER, out=tmp_path / "ra", executor=client.get_executor())
    consolidate_paths([SAMPLE / "nhan-ve"], roster=ROSTER, out=tmp_path / "ra2")
    assert outputs(tmp_path / "ra") == outputs(tmp_path / "ra2")
    assert [path.name for path in (tmp_path / "ra").iterdir() if "cache" in path.name] == []
