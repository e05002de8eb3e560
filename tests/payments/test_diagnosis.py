from payments.diagnosis import Category


def test_every_category_has_words() -> None:
    assert len({category.words for category in Category}) == len(Category)
