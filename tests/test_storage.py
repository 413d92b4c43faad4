"""Where reports go: whole files in folders, and addresses that papermill writes."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from test_runner import CELLS, states, write_template

from nqpkit import storage
from nqpkit.errors import InputError
from nqpkit.reports.runner import run_reports


@pytest.fixture
def server():
    """An HTTP server that keeps what is put and gives it back."""
    kept = {}

    class Shelf(BaseHTTPRequestHandler):
        def do_PUT(self):
            kept[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(201)
            self.end_headers()

        def do_GET(self):
            self.send_response(200 if self.path in kept else 404)
            self.end_headers()
            self.wfile.write(kept.get(self.path, b"not here"))

        def log_message(self, *_):
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as shelf:
        threading.Thread(target=shelf.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{shelf.server_port}/reports", kept
        shelf.shutdown()


def test_reports_go_to_an_address_and_are_fresh_there(server, tmp_path, monkeypatch):
    monkeypatch.setattr("nqpkit.reports.freshness.package_hash", lambda: "0" * 12)
    monkeypatch.chdir(tmp_path)
    address, kept = server
    template = write_template(tmp_path / "tiny.ipynb", CELLS)
    arguments = {"regions": ["gansu", "ningxia"], "notebook": template, "out": address}
    summary = run_reports(**arguments)
    assert states(summary) == {"gansu": "done", "ningxia": "failed"}
    assert set(kept) == {"/reports/gansu.ipynb", "/reports/ningxia.failed.ipynb", "/reports/results/gansu.json"}
    assert json.loads(kept["/reports/results/gansu.json"])["region"] == "gansu"
    assert summary.rows[0].path == f"{address}/gansu.ipynb"
    assert summary.rows[0].log == tmp_path / "reports" / "runs" / "gansu.log"
    kept.pop("/reports/results/gansu.json")
    again = run_reports(**arguments | {"regions": ["gansu"]})
    assert states(again) == {"gansu": "fresh"}
    assert "/reports/results/gansu.json" in kept, "lost results are not taken from the report again"


def test_what_cannot_be_written_at_an_address_is_a_failure_with_its_reason(tmp_path, monkeypatch):
    monkeypatch.setattr("nqpkit.reports.freshness.package_hash", lambda: "0" * 12)
    monkeypatch.chdir(tmp_path)
    template = write_template(tmp_path / "tiny.ipynb", CELLS)
    summary = run_reports(regions=["gansu"], notebook=template, out="http://127.0.0.1:9/reports")
    assert states(summary) == {"gansu": "failed"}
    assert "the report could not be written" in summary.rows[0].reason


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    place = tmp_path / "deep" / "file.json"
    storage.write_whole(place, "one\n")
    monkeypatch.setattr(storage.os, "replace", lambda *_: (_ for _ in ()).throw(PermissionError("in use")))
    with pytest.raises(PermissionError):
        storage.write_whole(place, "two\n")
    assert storage.read_text(place) == "one\n"
    assert [path.name for path in place.parent.iterdir()] == ["file.json"]


def test_several_files_are_written_together_or_not_at_all(tmp_path, monkeypatch):
    old, new, last = (tmp_path / name for name in ("old.csv", "new.csv", "last.csv"))
    storage.write_together({old: b"before", last: b"before"})
    move = os.replace

    def in_use(part, place):
        if place == last:
            raise PermissionError(13, "in use")
        move(part, place)

    monkeypatch.setattr(storage.os, "replace", in_use)
    files = {old: b"after", new: b"after", last: b"after"}
    with pytest.raises(InputError, match="cannot be written \\(in use\\). Name another place"):
        storage.hand_over(files)
    there = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert there == {"old.csv": b"before", "last.csv": b"before"}
    monkeypatch.undo()
    assert storage.hand_over(files) == [old, new, last]
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"after"}


def test_places_are_folders_or_addresses(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert storage.as_place("out") == tmp_path / "out"
    assert storage.as_place("s3://bucket/reports/") == "s3://bucket/reports"
    assert storage.within("s3://bucket", "a.ipynb") == "s3://bucket/a.ipynb"
    assert storage.read_text(tmp_path / "none") is None
