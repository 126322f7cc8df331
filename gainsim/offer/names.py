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


def likely_name(written: str) -> str:
    """The name that is likely meant by what is none; "" where there is no likely one.

    >>> likely_name("site-rent"), likely_name("2nd")
    ('site_rent', '')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", written) if not unicodedata.combining(c))
    likely = re.sub(r"\W+", "_", plain, flags=re.ASCII).strip("_")
    return likely if is_name(likely) else ""


def _text(written: Any) -> Any:
    if not isinstance(written, str):
        raise PydanticCustomError("form", "a name is expected", {"form": "a name"})
    return written


def _name(written: str) -> str:
    """Names of drivers and values stand in formulas, where `site-rent` would be a subtraction."""
    if not is_name(written):
        likely = likely_name(written)
        fix = f" Write {likely}." if likely else ""
        raise ValueError(f"'{written}' is not a name: a letter, then letters, digits and _.{fix}")
    if written in KEYWORDS:
        raise ValueError(f"'{written}' is a word of formulas, where nothing can be called so. Write {written}_ or a longer name.")
    return written


NAME_SCHEMA = WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})
Name = Annotated[str, BeforeValidator(_text), AfterValidator(_name), NAME_SCHEMA]
