"""How a command ends when the world is not as it should be: exit codes, one message, no traceback, a whole store."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.testbed.conftest import Call, Called, command
from tests.testbed.documents import document, event, lot

Program = Callable[..., Called]
POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="signals and /dev are POSIX's")


def no_right_is_ever_missing() -> bool:
    """Whether this user may write everywhere, as root may."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def test_the_program_ends_with_0_when_done_and_with_2_on_bad_use(program: Program) -> None:
    assert program("--help").code == 0
    assert program("plants").code == 0
    for arguments in (["frobnicate"], ["trace"], ["trace", "x", "--frob"], ["run", "yoghurt", "--seed", "many"]):
        called = program(*arguments)
        assert called.code == 2
        assert called.out == ""
        assert "Traceback" not in called.err
        assert "Error:" in called.err or "Usage:" in called.err


def test_progress_and_messages_never_reach_stdout(program: Program, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "events.jsonld"
    path.write_text(document(event(1)))
    called = program("ingest", path, "--json")
    assert json.loads(called.out)["totals"]["accepted"] == 1
    assert called.err == ""


def test_a_message_in_any_script_reaches_a_terminal_that_only_knows_ascii(
    program: Program, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "events.jsonld"
    path.write_text(document(event(1, quantityList=[{"epcClass": "urn:plant:lot:-:果酱:批7"}])))
    program("ingest", path)
    plain = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    called = program("trace", "批8", env=plain, encoding="utf-8")
    assert called.code == 2
    assert "批8" in called.err
    assert program("trace", "批7", env=plain, encoding="utf-8").code == 0


@POSIX_ONLY
def test_a_reader_that_stops_reading_is_no_error(tmp_path: pathlib.Path, program: Program) -> None:
    path = tmp_path / "events.jsonld"
    path.write_text(document(*(event(number) for number in range(1, 2000))))
    program("ingest", path)
    process = subprocess.Popen(
        command(["export", "csv"]), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    words = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert words == ""


@POSIX_ONLY
@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_under_stdout_is_said_in_one_line(tmp_path: pathlib.Path, program: Program) -> None:
    path = tmp_path / "events.jsonld"
    path.write_text(document(*(event(number) for number in range(1, 200))))
    program("ingest", path)
    with pathlib.Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command(["export", "csv"]), cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert done.returncode == 2
    assert "free some space" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@POSIX_ONLY
def test_ctrl_c_ends_with_130_and_leaves_the_store_whole(tmp_path: pathlib.Path, program: Program) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(event(number)) + "\n" for number in range(1, 40_000)))
    store = tmp_path / "tracetwin.db"
    process = subprocess.Popen(
        command(["ingest", path]), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not (store.exists() and store.stat().st_size > 200_000):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert out == ""
    assert "interrupted" in err
    assert "Traceback" not in err
    found = json.loads(program("verify", "--json").out)
    assert found["intact"]
    assert 0 < found["records"] < 39_999
    assert program("trace", lot(1)).code == 0


@pytest.mark.skipif(no_right_is_ever_missing(), reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(call: Call, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    path = tmp_path / "events.jsonld"
    path.write_text(document(event(1)))
    called = call("ingest", path, "--store", folder / "plant.db")
    folder.chmod(0o700)
    assert called.code == 2
    assert "locked" in called.err


def test_a_store_in_a_folder_that_is_not_there_is_named(call: Call, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "events.jsonld"
    path.write_text(document(event(1)))
    called = call("ingest", path, "--store", tmp_path / "nowhere" / "plant.db")
    assert called.code == 2
    assert "nowhere" in called.err


def test_a_file_that_is_no_store_is_left_as_it_is(call: Call, tmp_path: pathlib.Path) -> None:
    path, other = tmp_path / "events.jsonld", tmp_path / "letter.txt"
    path.write_text(document(event(1)))
    other.write_text("Dear customer, " * 500)
    called = call("ingest", path, "--store", other)
    assert called.code == 2
    assert "letter.txt" in called.err
    assert other.read_text() == "Dear customer, " * 500


@pytest.mark.parametrize("where", ["postgresql://u:secret@db/plant", "mysql://db"])
def test_a_store_of_another_kind_is_refused_without_its_password(call: Call, where: str) -> None:
    called = call("trace", "x", "--store", where)
    assert called.code == 2
    assert "secret" not in called.err


def test_a_flipped_byte_is_a_no_that_names_the_record(call: Call, store: pathlib.Path) -> None:
    import apsw

    connection = apsw.Connection(str(store))
    flipped = "CAST(replace(CAST(payload AS TEXT), 'KGM', 'KGN') AS BLOB)"
    connection.execute(f"UPDATE records SET payload = {flipped} WHERE sequence = 2")
    connection.close()
    called = call("verify", "--store", store, "--json")
    assert called.code == 1
    assert called.json["first_bad"]["sequence"] == 2
    assert "NOT intact: record 2" in call("verify", "--store", store).out


def test_a_store_torn_to_pieces_is_a_no_and_no_traceback(call: Call, store: pathlib.Path) -> None:
    content = bytearray(store.read_bytes())
    content[20:4000] = os.urandom(3980)
    store.write_bytes(content)
    for arguments in (["verify", "--json"], ["trace", lot(1)], ["hold", "--list"]):
        called = call(*arguments, "--store", store)
        assert called.code in (1, 2)
        assert "Traceback" not in called.err
        assert "internal error" not in called.err


def test_an_internal_error_is_one_line_unless_its_place_is_asked_for(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from testbed.commands import plants

    def broken(*_: object) -> None:
        message = "a defect of ours"
        raise ValueError(message)

    monkeypatch.setattr(plants, "print_table", broken)
    called = call("plants")
    assert called.code == 2
    assert called.err.startswith("tracetwin: internal error: ValueError: a defect of ours")
    monkeypatch.setenv("TRACETWIN_DEBUG", "1")
    with pytest.raises(ValueError, match="a defect of ours"):
        call("plants")


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = "numpy pandas pydantic simpy apsw lxml msgspec yaml rich jinja2".split()
    start = f"import sys; sys.path.insert(0, {str(pathlib.Path(__file__).parents[2])!r})"
    code = f"{start}; import testbed.cli; print([one for one in {heavy} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "epcis", "--out", "tracetwin.db"),
        ("export", "csv", "--out", "other.db"),
        ("trace", lot(1), "--out", "tracetwin.db"),
        ("run", "yoghurt", "--until", "1h", "--store", "new.db", "--truth", "tracetwin.db"),
    ],
)
def test_no_command_ever_writes_its_answer_over_a_store(
    call: Call, tmp_path: pathlib.Path, arguments: tuple[str, ...]
) -> None:
    path = tmp_path / "events.jsonld"
    path.write_text(document(event(1)))
    for store in ("tracetwin.db", "other.db"):
        assert call("ingest", path, "--store", store).code == 0
    refused = call(*arguments)
    assert refused.code == 2
    assert "expected a file that may be overwritten, got 'a store or another database'" in refused.err
    for store in ("tracetwin.db", "other.db"):
        assert json.loads(call("verify", "--store", store, "--json").out)["records"] == 1


@POSIX_ONLY
def test_ctrl_c_before_a_command_has_begun_ends_with_130_and_no_traceback() -> None:
    start = "import testbed.cli as c\ndef stop(): raise KeyboardInterrupt\nc.app = stop\nc.main()"
    done = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("run", "yoghurt", "--until", "1h", "--speed", "0"), "--speed"),
        (("run", "yoghurt", "--until", "1h", "--out", "taken"), "--out taken"),
        (("run", "yoghurt", "--until", "1h", "--out", "taken/deeper/page"), "--out taken/deeper/page"),
        (("run", "yoghurt", "--until", "1h", "--faults", "nothing-like-it"), "choose one of cut-over, "),
        (("drill", "nothing-like-it"), "choose one of gearbox-bad-heat, "),
        (("experiment", "scan_rate", "--out", "taken/page"), "--out taken/page"),
    ],
)
def test_what_cannot_be_done_is_found_out_before_anything_runs_or_is_written(
    call: Call, tmp_path: pathlib.Path, arguments: tuple[str, ...], named: str
) -> None:
    (tmp_path / "taken").write_text("a file")
    refused = call(*arguments)
    assert (refused.code, refused.out) == (2, "")
    assert named in refused.err.replace(os.sep, "/")
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]


def test_a_folder_that_is_only_looked_at_is_not_left_behind(call: Call, tmp_path: pathlib.Path) -> None:
    assert call("run", "no-such-plant.yaml", "--out", "a/b").code == 2
    assert call("run", "yoghurt", "--until", "1h", "--out", "a/b", "--speed", "fast").code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_export_into_no_folder_names_the_file_that_was_asked_for(call: Call, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "events.jsonld"
    path.write_text(document(event(1)))
    assert call("ingest", path).code == 0
    refused = call("export", "csv", "--out", "nowhere/events.csv")
    assert refused.code == 2
    assert ".new" not in refused.err
    assert "events.csv: expected a file in a folder that exists" in refused.err
