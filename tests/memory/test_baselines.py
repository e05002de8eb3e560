"""Baselines on disk: the same arrays again, or a clear word, and never half a file."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.baselines import BaselineFiles
from payments.errors import StorageError

ARRAYS = {"rates.hits": np.arange(6.0).reshape(2, 3), "about": np.frombuffer(b"{}", dtype=np.uint8)}


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    files = BaselineFiles(tmp_path)
    files.save("live", ARRAYS)
    loaded = BaselineFiles(tmp_path).load("live")
    assert loaded is not None
    assert set(loaded) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert loaded[name].dtype == array.dtype
        assert np.array_equal(loaded[name], array)


def test_nothing_kept_is_nothing_loaded(tmp_path: Path) -> None:
    assert BaselineFiles(tmp_path).load("live") is None


def test_the_last_save_replaces_the_one_before_and_leaves_no_draft(tmp_path: Path) -> None:
    files = BaselineFiles(tmp_path)
    files.save("live", {"a": np.zeros(3)})
    files.save("live", {"a": np.ones(2)})
    loaded = files.load("live")
    assert loaded is not None
    assert loaded["a"].tolist() == [1.0, 1.0]
    assert [path.name for path in (tmp_path / "baselines").iterdir()] == [files.path("live").name]


@given(names=st.lists(st.text(max_size=60), min_size=2, max_size=2, unique=True))
def test_feeds_of_any_name_have_files_of_their_own_in_the_folder(names: list[str]) -> None:
    files = BaselineFiles(Path("state"))
    paths = [files.path(name) for name in names]
    assert paths[0] != paths[1]
    assert {path.parent for path in paths} == {Path("state/baselines")}


@pytest.mark.parametrize("cut", [0, 1, 40, -1, -30])
def test_a_damaged_file_is_told_and_set_aside_whole(tmp_path: Path, cut: int) -> None:
    files = BaselineFiles(tmp_path)
    files.save("live", ARRAYS)
    path = files.path("live")
    damaged = path.read_bytes()[:cut]
    path.write_bytes(damaged)
    with pytest.raises(StorageError, match="live"):
        files.load("live")
    assert files.set_aside("live").read_bytes() == damaged
    assert files.load("live") is None


@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_no_single_wrong_byte_crashes_the_reader(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int
) -> None:
    files = BaselineFiles(tmp_path_factory.mktemp("state"))
    files.save("live", ARRAYS)
    path = files.path("live")
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(content)
    with suppress(StorageError):
        files.load("live")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "baselines").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be kept"):
        BaselineFiles(tmp_path).save("live", ARRAYS)


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    files = BaselineFiles(tmp_path)
    files.path("live").parent.mkdir()
    np.savez(files.path("live"), about=np.array([{"a": 1}], dtype=object))
    with pytest.raises(StorageError, match="cannot be read"):
        files.load("live")
