"""Our embedding as Chroma knows it: kept by name with the collection, so that any client can ask in words.

Importing this module imports Chroma, which costs more than a second: only the index does, and only late.
"""

from typing import Any, cast

from chromadb import Documents, EmbeddingFunction, Embeddings
from chromadb.api.types import Embeddable, Space
from chromadb.utils.embedding_functions import register_embedding_function

from memory.embedding import VERSION, embed_text


@register_embedding_function
class Words(EmbeddingFunction[Documents]):
    """Embeds words, offline and without a model."""

    def __init__(self) -> None:
        """Nothing to set: the same words give the same vector everywhere."""

    def __call__(self, input: Documents) -> Embeddings:  # noqa: A002 - the name is Chroma's
        """Embed each text."""
        return [embed_text(text) for text in input]

    @staticmethod
    def name() -> str:
        """Name the embedding; another version is another embedding."""
        return f"payops_words_{VERSION}"

    def default_space(self) -> Space:
        """Vectors have unit length: compare their directions."""
        return "cosine"

    def get_config(self) -> dict[str, Any]:
        """Give what is needed to make the same embedding again."""
        return {"version": VERSION}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> "Words":  # noqa: ARG004 - Chroma hands it over
        """Make the embedding again."""
        return Words()


WORDS = cast("EmbeddingFunction[Embeddable]", Words())
"""Chroma's types ask for an embedding of words and images alike; images are never given."""
