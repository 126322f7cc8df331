"""Published variance shares through the engine: Ishigami's function, Sobol's g function, a linear model.

Each function is written as a scenario, its inputs as drivers, the function as a value. Its drivers are drawn by the engine, and
the value is reckoned by it, on two sets of futures and on their mixtures: each driver in turn from the second set (Saltelli and
others, Computer Physics Communications 181, 2010: first-order shares; Jansen, 117, 1999: total shares). Ishigami's function
reads sin x of a uniform angle, which has the arcsine distribution: a beta with both parameters one half.

`python -m validation.variance_shares [--paths N]` prints every row; each estimate comes with its standard error, from
independent replications.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import realise
from gainsim.model import build_world
from gainsim.scenario.load import load_text
from gainsim.streams.source import Philox

Floats = NDArray[np.float64]
REPLICATIONS = 32
_HEAD = """
gainsim: 1
title: A function of its drivers
currency: EUR
calendar: { start: 2027-01, years: 1, step: year, year: contract }
money: { discount_rate: 0% pa }
contract:
  fee: { term: fee, amount: 1 EUR per year }
"""


@dataclass(frozen=True)
class Function:
    """A function of independent drivers: each as written, in the order in which a table numbers them, and the formula."""

    drivers: Mapping[str, str]
    formula: str

    def scenario(self) -> str:
        """The scenario that has it as a value."""
        said = "unit: 1, control: nobody, central: mean, drawn: once"
        drivers = "\n".join(f"  {name}: {{ {said}, {law} }}" for name, law in self.drivers.items())
        return f"{_HEAD}drivers:\n{drivers}\nvalue:\n  f: {self.formula}\n"


def ishigami(a: float, b: float) -> Function:
    """sin x1 + a sin² x2 + b x3⁴ sin x1, each x uniform between -π and π."""
    arcsine = "beta: { alpha: 0.5, beta: 0.5, low: -1, high: 1 }"
    angle = f"uniform: {{ low: {-math.pi:.15f}, high: {math.pi:.15f} }}"
    return Function({"s1": arcsine, "s2": arcsine, "x3": angle}, f"s1 + {a} * s2 * s2 + {b} * x3 * x3 * x3 * x3 * s1")


def g_function(a: Sequence[float]) -> Function:
    """The product of (|4x - 2| + a) / (1 + a), each x uniform between 0 and 1."""
    names = [f"x{number + 1}" for number in range(len(a))]
    factors = [f"(abs(4 * {x} - 2) + {c}) / {1 + c}" for x, c in zip(names, a, strict=True)]
    return Function(dict.fromkeys(names, "uniform: { low: 0, high: 1 }"), " * ".join(factors))


def linear(coefficients: Sequence[float], sds: Sequence[float]) -> Function:
    """A sum of normal drivers."""
    laws = {f"x{n + 1}": f"normal: {{ mean: 0, sd: {sd} }}" for n, sd in enumerate(sds)}
    return Function(laws, " + ".join(f"{c} * {x}" for c, x in zip(coefficients, laws, strict=True)))


def function_of(row: Mapping[str, Any]) -> Function:
    """The function that a row of the tables speaks of."""
    given = row["inputs"]
    if row["sub"] == "sobol_ishigami":
        return ishigami(given["a"], given["b"])
    return g_function(given["a"]) if row["sub"] == "sobol_g" else linear(given["coef"], given["sd"])


@dataclass(frozen=True)
class Shares:
    """Of one function: (replications,) each; shares by driver, (replications, drivers)."""

    mean: Floats
    variance: Floats
    first: Floats
    total: Floats

    def of(self, row: Mapping[str, Any]) -> tuple[float, float]:
        """The estimate of a row, and its standard error."""
        output = row["output"]
        if "variance" in output or output == "mean":
            values = self.mean if output == "mean" else self.variance
        else:
            number = row["inputs"].get("index") or int(output.lstrip("ST"))
            values = (self.total if output.startswith("ST") else self.first)[:, number - 1]
        return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))


def shares(function: Function, paths: int, seed: int = 1) -> Shares:
    """Shares of a function from replications of so many futures together."""
    scenario = load_text(function.scenario(), "function.yaml")[""].scenario
    drawn, given = build_world(scenario), build_world(scenario, "measured")
    each = paths // REPLICATIONS
    found = [_replication(drawn, given, list(function.drivers), each, seed, number) for number in range(REPLICATIONS)]
    return Shares(*(np.array(column) for column in zip(*found, strict=True)))


def _replication(drawn: Any, given: Any, names: Sequence[str], paths: int, seed: int, number: int) -> Iterator[Any]:
    def futures(replicate: int) -> dict[str, Floats]:
        source = Philox(drawn.plan(paths, seed, replicate))
        return realise(drawn, source, np.arange(paths, dtype=np.uint64), range(1))[0]

    def value(inputs: Mapping[str, Floats]) -> Floats:
        source = Philox(given.plan(paths, seed))
        return realise(given, source, np.arange(paths, dtype=np.uint64), range(1), None, inputs)[0]["f"][0]

    one, other = futures(2 * number), futures(2 * number + 1)
    f, g = value({n: one[n] for n in names}), value({n: other[n] for n in names})
    middle = (f.mean() + g.mean()) / 2.0  # taken off first: the products vary less, and what they estimate is the same
    variance = float(np.concatenate([f, g]).var(ddof=1))
    yield middle
    yield variance
    mixed = [value({n: (other if n == name else one)[n] for n in names}) for name in names]
    yield [float(((g - middle) * (m - f)).mean()) / variance for m in mixed]
    yield [float(((f - m) ** 2).mean()) / (2.0 * variance) for m in mixed]


def main() -> None:
    """Print the shares of the functions of the tables."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--paths", type=int, default=1_000_000)
    asked = options.parse_args()
    cases = {
        "Ishigami, a = 7, b = 0.1": ishigami(7, 0.1),
        "g, a = 0, 1, 4.5, 9, 99, 99, 99, 99": g_function([0, 1, 4.5, 9, 99, 99, 99, 99]),
        "linear": linear([3, 2, 1], [1, 1.5, 0.5]),
    }
    for name, function in cases.items():
        found = shares(function, asked.paths)
        print(json.dumps({name: {"first": found.first.mean(axis=0).tolist(), "total": found.total.mean(axis=0).tolist()}}))


if __name__ == "__main__":
    main()
