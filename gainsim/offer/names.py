"""Names that stand in formulas."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from gainsim.ops.tokens import KEYWORDS

_NAME = r"[A-Za-z][A-Za-z0-9_]*"


def is_name(written: str) -> bool:
    """Whether a text may stand in a formula as a name."""
    return re.fullmatch(_NAME, written) is not None


def _text(written: Any) -> Any:
    if not isinstance(written, str):
        raise PydanticCustomError("form", "a name is expected", {"form": "a name"})
    return written


def _name(written: str) -> str:
    """Names of drivers and values stand in formulas, where `site-rent` would be a subtraction."""
    if not is_name(written):
        plain = "".join(c for c in unicodedata.normalize("NFKD", written) if not unicodedata.combining(c))
        likely = re.sub(r"\W+", "_", plain, flags=re.ASCII).strip("_")
        fix = f" Write {likely}." if is_name(likely) else ""
        raise ValueError(f"'{written}' is not a name: a letter, then letters, digits and _.{fix}")
    if written in KEYWORDS:
        raise ValueError(f"'{written}' is a word of formulas, where nothing can be called so. Write {written}_ or a longer name.")
    return written


NAME_SCHEMA = WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})
Name = Annotated[str, BeforeValidator(_text), AfterValidator(_name), NAME_SCHEMA]
