"""Reports on a Dask cluster: the same bytes as here, and none lost with a worker."""

import os
import shutil
import signal

import pytest
from test_runner import CELLS, states, write_template

from nqpkit.errors import InputError
from nqpkit.reports.runner import run_reports

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None) as made:
        yield made


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and path.parent.name != "runs"}


@pytest.mark.slow
def test_a_cluster_makes_the_same_bytes_and_survives_the_loss_of_a_worker(cluster, tmp_path, study):
    cells = [*CELLS[:1], ("code", [], "import time\ntime.sleep(1)\nprint(province, study)"), *CELLS[2:]]
    template = write_template(tmp_path / "tiny.ipynb", cells)
    shutil.copytree(study.folder, tmp_path / "study")
    arguments = {"study": tmp_path / "study", "group": "west", "notebook": template, "kernels": "ordinary"}
    killed = []

    def kill_one(row, finished, total):
        if row.state == "done" and not killed:
            with distributed.Client(cluster) as client:
                killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    there = run_reports(**arguments, out=tmp_path / "there", dask=cluster.scheduler_address, progress=kill_one)
    assert killed, "no worker was killed, so nothing was tested"
    expected = {row.region: "done" for row in there.rows} | {"ningxia": "failed"}
    assert states(there) == expected
    assert next(row for row in there.rows if row.state == "failed").reason.endswith("ValueError: no sheep today")
    assert "cell 3" in (tmp_path / "there" / "runs" / "gansu.log").read_text(encoding="utf-8")
    here = run_reports(**arguments, out=tmp_path / "here")
    assert states(here) == expected
    assert files(tmp_path / "there") == files(tmp_path / "here")
    again = run_reports(**arguments, out=tmp_path / "there", dask=cluster.scheduler_address)
    assert again.count("fresh") == 11


@pytest.mark.slow
def test_warm_kernels_on_a_cluster(cluster, tmp_path):
    template = write_template(tmp_path / "tiny.ipynb", [
        ("code", ["parameters"], 'province = "gansu"'),
        ("code", [], "import os, pathlib\nprint(province, 'kernel_parent' in "
                     "pathlib.Path(f'/proc/{os.getppid()}/cmdline').read_text())")])
    summary = run_reports(regions=["gansu", "ningxia"], notebook=template, out=tmp_path / "out",
                          dask=cluster.scheduler_address)
    assert summary.ok
    assert "gansu True" in (tmp_path / "out" / "gansu.ipynb").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_cluster_with_another_version_is_refused(cluster, tmp_path, monkeypatch):
    template = write_template(tmp_path / "tiny.ipynb", CELLS)
    monkeypatch.setattr("nqpkit.reports.cluster.lock_hash", lambda: "another")
    with pytest.raises(InputError, match="another version of nqpkit or its environment"):
        run_reports(regions=["gansu"], notebook=template, out=tmp_path / "out", dask=cluster.scheduler_address)


def test_no_scheduler_is_one_sentence(tmp_path, monkeypatch):
    template = write_template(tmp_path / "tiny.ipynb", CELLS)
    monkeypatch.setattr("nqpkit.reports.cluster.PATIENCE", "1s")
    with pytest.raises(InputError, match="No Dask scheduler answers at 'tcp://127.0.0.1:9'"):
        run_reports(regions=["gansu"], notebook=template, out=tmp_path / "out", dask="tcp://127.0.0.1:9")
