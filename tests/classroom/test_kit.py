"""The USB stick: the right wheels for each system, and an installation from it without a network."""

import hashlib
import os
import subprocess
import sys
import zipfile

import pytest

from nqpkit.classroom import kit
from nqpkit.classroom.kit import FIRST, SYSTEMS, KitError, make_kit, repack, wanted
from nqpkit.errors import InputError

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
PATCH = f"python_full_version {{}} '{HERE}.5'"
LOCK = f"tiny==1.0 ; {PATCH.format('<')}\ntiny==1.1 ; {PATCH.format('>=')}\n"
LOCK += "onlywin==2.0 ; sys_platform == 'win32'\nold==1.0 ; python_full_version < '3.9'\n"


def make_wheel(folder, name, version, tag="py3-none-any"):
    """A wheel with one module and nothing else."""
    info = f"{name}-{version}.dist-info"
    files = {f"{name}.py": f"VERSION = '{version}'\n",
             f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
             f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"}
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as wheel:
        for path, content in (files | {f"{info}/RECORD": record}).items():
            wheel.writestr(path, content)


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """pip that knows three small wheels and no network; a small site; a package whose own wheel is one of them."""
    shelf = tmp_path / "shelf"
    make_wheel(shelf, "tiny", "1.0")
    make_wheel(shelf, "tiny", "1.1")
    make_wheel(shelf, "onlywin", "2.0", f"cp{HERE.replace('.', '')}-cp{HERE.replace('.', '')}-win_amd64")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setattr(kit, "own_wheel", lambda folder: make_wheel(folder, "nqpkit", "9.9"))
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<title>Book</title>", encoding="utf-8")
    lock = tmp_path / "lock.txt"
    lock.write_text(LOCK, encoding="utf-8")
    return {"site": tmp_path / "site", "requirements": lock}


def test_markers_are_read_for_the_machine_that_is_asked_for():
    lines = LOCK + "tiny==2\n# a comment\nmac==1 ; sys_platform == 'darwin' and platform_machine == 'arm64'\n"
    assert wanted(lines, SYSTEMS["windows"], "3.99.0") == ["tiny==1.1", "onlywin==2.0", "tiny==2"]
    assert wanted(lines, SYSTEMS["linux"], f"{HERE}.4") == ["tiny==1.0", "tiny==2"]
    assert wanted(lines, SYSTEMS["macos"], f"{HERE}.5") == ["tiny==1.1", "tiny==2", "mac==1"]
    assert wanted(lines, SYSTEMS["macos-intel"], "3.8.18") == ["tiny==1.0", "old==1.0", "tiny==2"]
    with pytest.raises(InputError, match="Line 2"):
        wanted("tiny==1\n-e .\n", SYSTEMS["linux"], "3.12.0")


def test_the_stick_is_complete(offline, tmp_path):
    stick = make_kit(tmp_path / "stick", ["windows", "linux"], archive=True, **offline)
    names = {path.name for path in (stick / "wheels").iterdir()}
    assert {"-".join(name.split("-")[:2]) for name in names} == {"tiny-1.0", "tiny-1.1", "onlywin-2.0", "nqpkit-9.9"}
    assert (stick / "book" / "index.html").is_file() and (stick / "notebooks" / "w4-coupling.ipynb").is_file()
    batch = (stick / "install-windows.bat").read_bytes()
    assert batch.count(b"\n") == batch.count(b"\r\n") and b"--no-index" in batch and batch.isascii()
    for name in ("install-linux.sh", "start-macos.command"):
        assert b"\r" not in (stick / name).read_bytes() and os.access(stick / name, os.X_OK)
    for line in (stick / "SHA256SUMS.txt").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        assert hashlib.sha256((stick / name).read_bytes()).hexdigest() == digest
    page = (stick / FIRST).read_text(encoding="utf-8")
    assert "book/index.html" in page and "<script" not in page and "Windows, 64 bit" in page
    assert "install-linux.sh" in page and "install-macos.command" not in page, "only the systems that were asked for"
    with zipfile.ZipFile(tmp_path / "stick.zip") as archive:
        assert archive.getinfo("stick/install-linux.sh").external_attr >> 16 & 0o111
        assert len(archive.namelist()) == len([path for path in stick.rglob("*") if path.is_file()])


def test_a_kit_that_fails_leaves_the_old_one(offline, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / kit.KIT).write_text("{}", encoding="utf-8")
    (stick / FIRST).write_text("the old one", encoding="utf-8")
    offline["requirements"].write_text("nowhere==1.0\n", encoding="utf-8")
    with pytest.raises(KitError, match=r"no wheel of nowhere==1\.0 for Linux"):
        make_kit(stick, ["linux"], **offline)
    assert (stick / FIRST).is_file() and not list(tmp_path.glob(".stick*"))


def test_what_cannot_be_asked_for_is_said(offline, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_text("", encoding="utf-8")
    for arguments, said in ((("x", ["dos"]), "no system 'dos'"), (("x", ["linux"], ["2.7"]), "no Python"),
                            (("full", ["linux"]), "is no kit")):
        with pytest.raises(InputError, match=said):
            make_kit(tmp_path / arguments[0], *arguments[1:], **offline)


def test_an_installed_package_becomes_a_wheel_again(tmp_path, offline):
    shelf = tmp_path / "shelf"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", tmp_path / "here",
                    shelf / "tiny-1.0-py3-none-any.whl"], check=True)
    sys.path.insert(0, str(tmp_path / "here"))
    try:
        made = repack(tmp_path, "tiny")
    finally:
        sys.path.remove(str(tmp_path / "here"))
    with zipfile.ZipFile(made) as wheel:
        assert {"tiny.py", "tiny-1.0.dist-info/RECORD", "tiny-1.0.dist-info/METADATA"} <= set(wheel.namelist())
        assert "tiny.py,sha256=" in wheel.read("tiny-1.0.dist-info/RECORD").decode()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="runs the script for Linux")
def test_the_script_installs_from_the_stick_alone(offline, tmp_path, monkeypatch):
    stick = make_kit(tmp_path / "a stick", ["linux"], **offline)
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name)
    home = tmp_path / "home of a student"
    home.mkdir()
    (home / "nqpkit" / "notebooks").mkdir(parents=True)
    (home / "nqpkit" / "notebooks" / "w4-coupling.ipynb").write_text("my work", encoding="utf-8")
    nowhere = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "HOME": str(home)}
    done = subprocess.run(["sh", str(stick / "install-linux.sh")], env=os.environ | nowhere, capture_output=True,
                          text=True, cwd="/", timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    python = home / "nqpkit" / "env" / "bin" / "python"
    said = subprocess.run([python, "-c", "import tiny, nqpkit; print(tiny.VERSION, nqpkit.VERSION)"], text=True,
                          capture_output=True, check=True, cwd="/").stdout
    assert said.split() == ["1.1" if sys.version_info[:3] >= (*sys.version_info[:2], 5) else "1.0", "9.9"]
    assert (home / "nqpkit" / "notebooks" / "w4-coupling.ipynb").read_text(encoding="utf-8") == "my work"
    assert (home / "nqpkit" / "notebooks" / "province_report.ipynb").is_file()
