from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from memory.incidents import IncidentStore
from memory.tables import INTERVENTIONS
from payments.errors import InputError, NotFoundError
from tests.memory.stock import AT, HOSTILE, intervention


def test_what_is_started_is_active_until_it_ends(store: IncidentStore) -> None:
    store.start_intervention(intervention("key-1"))
    assert store.active_interventions() == (intervention("key-1"),)
    store.end_intervention("key-1", AT + timedelta(minutes=1), "the fault is over")
    assert store.active_interventions() == ()


def test_each_feed_has_its_own(store: IncidentStore) -> None:
    store.start_intervention(intervention("key-1", feed="one"))
    store.start_intervention(intervention("key-2", feed="two"))
    assert [found.key for found in store.active_interventions("two")] == ["key-2"]
    assert {found.key for found in store.active_interventions()} == {"key-1", "key-2"}


def test_starting_again_does_not_revive_what_has_ended(store: IncidentStore) -> None:
    store.start_intervention(intervention("key-1"))
    store.end_intervention("key-1", AT, "it expired")
    store.start_intervention(intervention("key-1"))
    assert store.active_interventions() == ()


def test_the_first_end_stands(store: IncidentStore, engine: Engine) -> None:
    store.start_intervention(intervention("key-1"))
    store.end_intervention("key-1", AT, "it harmed")
    store.end_intervention("key-1", AT + timedelta(hours=1), "it expired")
    with engine.connect() as connection:
        body = connection.execute(INTERVENTIONS.select()).one().body
    assert '"it harmed"' in body


def test_what_was_seen_is_kept_while_it_is_in_force(store: IncidentStore) -> None:
    store.start_intervention(intervention("key-1"))
    seen = intervention("key-1").model_copy(update={"renewals": 3})
    store.keep_intervention(seen)
    assert store.active_interventions() == (seen,)


def test_keeping_what_was_seen_does_not_revive_what_has_ended(store: IncidentStore) -> None:
    store.start_intervention(intervention("key-1"))
    store.end_intervention("key-1", AT, "it expired")
    store.keep_intervention(intervention("key-1"))
    assert store.active_interventions() == ()


def test_an_unknown_key_cannot_end(store: IncidentStore) -> None:
    with pytest.raises(NotFoundError, match="no intervention 'key-1'"):
        store.end_intervention("key-1", AT, "it expired")


def test_one_that_cannot_be_read_is_never_skipped(store: IncidentStore, engine: Engine) -> None:
    store.start_intervention(intervention("key-1"))
    with engine.begin() as connection:
        connection.execute(update(INTERVENTIONS).values(body="{}"))
    with pytest.raises(InputError, match="intervention 'key-1' cannot be read"):
        store.active_interventions()


@pytest.mark.parametrize("text", HOSTILE[:-1], ids=range(len(HOSTILE) - 1))
def test_keys_are_only_text(store: IncidentStore, text: str) -> None:
    store.start_intervention(intervention(text))
    store.end_intervention(text, AT, text)
    assert store.active_interventions() == ()
