"""A run's truth and reports in the hands of others: frames, Parquet, pictures."""

from __future__ import annotations

import pathlib
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from tests.twin.runs import Watched
from trace_core.errors import BadInput, DocumentError, UnknownName
from twin.ledger import TABLES, Move
from twin.output.frames import reports_frame, table_frame
from twin.output.parquet import read_truth, write_folder, write_truth


def test_every_table_is_a_frame_with_names_and_times(yoghurt: Watched) -> None:
    run = yoghurt.run
    frames = run.frames()
    assert list(frames) == list(TABLES)
    for name, frame in frames.items():
        assert len(frame) == len(next(iter(run.truth.tables[name].values()))), name
    moves = frames["moves"]
    first = run.truth.tables["moves"]
    assert moves["time"].iloc[7] == run.start + timedelta(milliseconds=int(first["time_ms"][7]))
    assert moves["source"].iloc[7] == run.truth.names.places[first["source"][7]]
    assert moves["kind"].iloc[7] == Move(first["kind"][7]).name.lower()
    assert set(frames["lots"]["item"]) <= set(yoghurt.spec.items)
    assert frames["moves"]["portion"].isna().any(), "a draw from a mixed vessel is of no single portion"


def test_mass_adds_up_in_the_frame_as_in_the_balances(yoghurt: Watched) -> None:
    moves = table_frame(yoghurt.run.truth, "moves")
    into, out = (moves.groupby(side, observed=True)["mass"].sum() for side in ("target", "source"))
    for balance in yoghurt.run.balances[:-1]:
        assert into.get(balance.station, 0) - out.get(balance.station, 0) == balance.held


def test_a_table_that_is_none_is_refused_by_name(yoghurt: Watched) -> None:
    with pytest.raises(UnknownName, match="did you mean moves"):
        table_frame(yoghurt.run.truth, "move")


def test_reports_are_a_frame_in_order_of_arrival(yoghurt: Watched) -> None:
    frame = reports_frame(yoghurt.reports)
    assert len(frame) == len(yoghurt.reports)
    assert frame["arrived"].is_monotonic_increasing
    assert {"COMPLETE", "CONSUME", "WorkOrder"} <= set(frame["report"])


def test_a_truth_comes_back_from_parquet_as_it_was(juice: Watched, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "truth.parquet"
    write_truth(juice.run.truth, path)
    back = read_truth(path)
    assert back.hash == juice.run.truth.hash
    for table, columns in TABLES.items():
        for column in columns:
            kept, was = back.tables[table][column], juice.run.truth.tables[table][column]
            assert kept.dtype == was.dtype
            assert np.array_equal(kept, was)
    whole = pd.read_parquet(path)
    assert set(whole["table"]) <= set(TABLES)
    assert (whole["table"] == "moves").sum() == len(juice.run.truth.tables["moves"]["mass"])
    assert [one.name for one in tmp_path.iterdir()] == ["truth.parquet"]


def test_a_folder_holds_a_file_for_each_table_and_the_reports(juice: Watched, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "run"
    write_folder(juice.run.truth, folder, juice.reports)
    assert {one.stem for one in folder.iterdir()} == {*TABLES, "reports"}
    links = pd.read_parquet(folder / "links.parquet")
    assert links["mass"].sum() == pytest.approx(juice.run.truth.tables["links"]["mass"].sum())
    assert len(pd.read_parquet(folder / "reports.parquet")) == len(juice.reports)


def test_a_file_that_is_no_truth_is_refused(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1 not at all")
    with pytest.raises(DocumentError, match=r"x\.parquet"):
        read_truth(path)
    pd.DataFrame({"a": [1]}).to_parquet(path)
    with pytest.raises(DocumentError, match="a truth"):
        read_truth(path)
    with pytest.raises(DocumentError):
        read_truth(tmp_path / "missing.parquet")


def test_without_pyarrow_it_is_said_what_to_install(
    juice: Watched, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(BadInput, match=r"tracetwin\[parquet\]"):
        write_truth(juice.run.truth, tmp_path / "truth.parquet")


def test_without_pandas_it_is_said_what_to_install(juice: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(BadInput, match=r"tracetwin\[notebook\]"):
        juice.run.frames()
