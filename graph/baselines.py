"""What the monitor has learned outlives the process: taken up at the start of a watch, kept while it runs."""

from graph.services import Senses
from payments.errors import InputError, StorageError

WORLD, FILE = "simulator:", "file:"
"""How feeds of one run begin; they end in the identity of the run."""


def lasting_name(feed: str) -> str | None:
    """Give the name of a feed without the identity of one run; None for a world that ends with its run.

    >>> lasting_name("file:payments.csv:1f0c")
    'file:payments.csv'
    """
    if feed.startswith(WORLD):
        return None
    return feed.rpartition(":")[0] if feed.startswith(FILE) else feed


def take_up(senses: Senses) -> None:
    """Give the monitor what is kept of its feed; what nobody can use is put aside, with a note."""
    kept, name = senses.baselines, lasting_name(senses.source.feed)
    if kept is None or name is None:
        return
    try:
        saved = kept.load(name)
        if saved is not None:
            senses.monitor.restore(saved)
    except (InputError, StorageError) as error:
        senses.monitor.note(f"{error}; it lies at {kept.set_aside(name)} now, learning anew")


def keep(senses: Senses) -> None:
    """Keep what the monitor has learned so far; a disk that refuses is worth a note, not the watch."""
    kept, name = senses.baselines, lasting_name(senses.source.feed)
    if kept is None or name is None:
        return
    learned = senses.monitor.dump()
    if not learned:
        return
    try:
        kept.save(name, learned)
    except StorageError as error:
        senses.monitor.note(str(error))
