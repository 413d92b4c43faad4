"""What `pip install .` gives: a wheel that works in any folder, with study, notebooks and book sources inside."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel, unpacked as an installation would."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
                    "--wheel-dir", str(folder), str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("nqpkit-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed, folder, *arguments):
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONUTF8": "1"}
    return subprocess.run([sys.executable, "-m", "nqpkit", *arguments], cwd=folder, env=environment, text=True,
                          encoding="utf-8", capture_output=True, timeout=300, check=False)


def test_the_wheel_holds_study_notebooks_and_book(installed):
    for name in ("data/western_china/figures.csv", "data/western_china/framework.yml", "kit/_config.yml",
                 "kit/_toc.yml", "kit/notebooks/province_report.ipynb", "kit/book/index.md", "kit/requirements.txt"):
        assert (installed / "nqpkit" / name).is_file(), name
    assert (installed / "nqpkit" / "classroom" / "courses.yml").is_file()
    assert not (installed / "nqpkit" / "kit" / "book" / "teacher").exists(), "a wheel is given to students"
    generated = list((installed / "nqpkit" / "kit" / "book").rglob("provinces/*.ipynb"))
    assert not generated, "generated pages are not shipped"


def test_nqp_works_in_any_folder(installed, tmp_path):
    where = run(installed, tmp_path, "score", "--format", "json")
    assert where.returncode == 0, where.stderr
    rows = json.loads(where.stdout)
    assert len(rows) == 31 and {"code", "slug", "nqp", "hqed", "coordination", "grade", "rank_nqp"} <= set(rows[0])
    assert run(installed, tmp_path, "score", "--year", "1999").returncode == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_nqp_run_works_in_any_folder(installed, tmp_path):
    done = run(installed, tmp_path, "run", "gansu")
    assert done.returncode == 0, done.stderr
    (report,) = tmp_path.rglob("gansu.ipynb")
    assert '"# Gansu"' in report.read_text(encoding="utf-8")
