"""Names that stand in formulas."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

_NAME = r"[A-Za-z][A-Za-z0-9_]*"


def _name(written: str) -> str:
    """Names of drivers and values stand in formulas, where `site-rent` would be a subtraction."""
    if not re.fullmatch(_NAME, written):
        plain = "".join(c for c in unicodedata.normalize("NFKD", written) if not unicodedata.combining(c))
        likely = re.sub(r"\W+", "_", plain, flags=re.ASCII).strip("_")
        fix = f" Write {likely}." if re.fullmatch(_NAME, likely) else ""
        raise ValueError(f"'{written}' is not a name: a letter, then letters, digits and _.{fix}")
    return written


Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})]
