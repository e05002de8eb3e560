"""Learned baselines on disk, one file a feed: arrays in, the same arrays out, whatever interrupts it."""

import os
import re
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from payments.errors import StorageError

FOLDER, SUFFIX = "baselines", ".npz"
ASIDE = ".broken"
WORDS_AT_MOST = 40


class BaselineFiles:
    """Keeps the baselines of each feed in the state folder."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / FOLDER

    def path(self, feed: str) -> Path:
        """Give the file of a feed: readable, and different for different feeds."""
        words = re.sub(r"[^\w.-]+", "-", feed, flags=re.ASCII).strip("-.")[:WORDS_AT_MOST]
        return (
            self._folder
            / f"{words}-{sha256(feed.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}{SUFFIX}"
        )

    def save(self, feed: str, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Keep arrays in place of the ones before; a crash leaves either those or these.

        Raises:
            StorageError: the folder cannot be written to; what was kept before is still there.
        """
        path = self.path(feed)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type] # its stub takes the names for flags
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            msg = f"baselines of {feed!r} cannot be kept in {path}: {error}"
            raise StorageError(msg) from error

    def load(self, feed: str) -> dict[str, npt.NDArray[Any]] | None:
        """Give the arrays kept for a feed; None when there are none.

        Raises:
            StorageError: the file cannot be read; `set_aside` puts it out of the way.
        """
        path = self.path(feed)
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except FileNotFoundError:
            return None
        except (
            OSError,
            ValueError,
            EOFError,
            KeyError,
            TypeError,
            RuntimeError,
            zipfile.BadZipFile,
        ) as error:
            msg = f"baselines of {feed!r} in {path} cannot be read: {error}"
            raise StorageError(msg) from error

    def set_aside(self, feed: str) -> Path:
        """Rename a file that nobody can use, so that nothing is lost; gives where it lies now."""
        path = self.path(feed)
        aside = path.with_suffix(SUFFIX + ASIDE)
        with suppress(OSError):
            path.replace(aside)
        return aside
