import inspect

from payments import errors
from payments.errors import PayOpsError


def test_every_error_is_one_of_ours_and_drawn_in_the_tree() -> None:
    found = [
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__
    ]
    assert len(found) > 5
    for kind in found:
        assert issubclass(kind, PayOpsError)
        assert kind.__name__ in (errors.__doc__ or "")
