"""Formulas: precedence against Python's own, every refusal with its words, the unit rules, and evaluation."""

import ast
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gainsim.ops.formula import evaluate, parse
from gainsim.ops.grammar import Binary, Dated, Name, Number, When
from gainsim.ops.tokens import FormulaError
from gainsim.ops.tree import Node, Tree
from gainsim.ops.unit_check import Kind, unit_of
from gainsim.units import DIMENSIONLESS, Unit

UNITS = {
    "cost": Unit.parse("EUR/month"),
    "fee": Unit.parse("EUR/month"),
    "yearly": Unit.parse("EUR/year"),
    "energy": Unit.parse("MWh/month"),
    "price": Unit.parse("EUR/MWh"),
    "share": DIMENSIONLESS,
    "sites": DIMENSIONLESS,
    "big": Kind.CONDITION,
}


class Window:
    """A scope of arrays over periods; a base value is the first, a window all of them."""

    def __init__(self, since=False, **values):
        self.values, self.now = {name: np.asarray(value, float) for name, value in values.items()}, since

    def value(self, name):
        return self.values[name]

    def base_value(self, name):
        return self.values[name][0]

    def reduce(self, kind, inner):
        periods = evaluate(inner, self)
        ends = {"first": lambda x: x[0], "last": lambda x: x[-1]}
        return {"total": sum, "mean": np.mean, "lowest": min, "highest": max, **ends}[kind](periods)

    def since(self, when):
        return self.now


def value(text, **values):
    scope = SimpleNamespace(value=values.__getitem__)
    result = evaluate(parse(text), scope)
    return result if isinstance(result, bool | np.bool_) else float(result)


def refused(text, *words, column=None, units=None):
    with pytest.raises(FormulaError) as caught:
        unit_of(parse(text), units or UNITS)
    message = str(caught.value)
    for word in words:
        assert word in message
    if column:
        assert caught.value.column == column
        assert f"column {column}" in message


# --- precedence: Python prints the expression with the fewest brackets, and evaluates it ---

NAMES = {"a": 2.5, "b": -0.75, "c": 3.0}
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult)
COMPARISON = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def named(name):
    return ast.Name(name, ast.Load())


def call(name, *arguments):
    return ast.Call(named(name), list(arguments), [])


def over(top, bottom):
    return ast.BinOp(top, ast.Div(), ast.BinOp(call("abs", bottom), ast.Add(), ast.Constant(1.0)))  # never over 0


leaves = st.sampled_from(list(NAMES)).map(named) | st.integers(0, 40).map(lambda n: ast.Constant(n / 4))


@st.composite
def numbers(draw, depth=4):
    inner = numbers(depth - 1)
    match draw(st.sampled_from(("leaf", "+-*", "/", "-", "call", "if"))) if depth else "leaf":
        case "+-*":
            return ast.BinOp(draw(inner), draw(st.sampled_from(ARITHMETIC))(), draw(inner))
        case "/":
            return over(draw(inner), draw(inner))
        case "-":
            return ast.UnaryOp(ast.USub(), draw(inner))
        case "call":
            return call(draw(st.sampled_from(("min", "max"))), draw(inner), draw(inner))
        case "if":
            return ast.IfExp(draw(conditions(depth - 1)), draw(inner), draw(inner))
        case _:
            return draw(leaves)


@st.composite
def conditions(draw, depth=4):
    match draw(st.sampled_from(("compare", "not", "and or"))) if depth else "compare":
        case "not":
            return ast.UnaryOp(ast.Not(), draw(conditions(depth - 1)))
        case "and or":
            sides = [draw(conditions(depth - 1)), draw(conditions(depth - 1))]
            return ast.BoolOp(draw(st.sampled_from((ast.And, ast.Or)))(), sides)
        case _:
            sides = [draw(numbers(max(depth - 1, 0))) for _ in range(2)]
            return ast.Compare(sides[0], [draw(st.sampled_from(COMPARISON))()], [sides[1]])


@given(numbers() | conditions())
def test_formulas_group_and_compute_as_python_does(tree):
    expected = eval(compile(ast.fix_missing_locations(ast.Expression(tree)), "", "eval"), {}, NAMES)
    assert value(ast.unparse(tree), **NAMES) == expected


@pytest.mark.parametrize(
    "text, same",
    [
        ("a - b - c", "(a - b) - c"),
        ("a / b * c", "(a / b) * c"),
        ("-a * b", "(-a) * b"),
        ("10% of a * b", "(10% of a) * b"),
        ("c * 10% of a", "c * (10% of a)"),
        ("10% of 20% of a", "10% of (20% of a)"),
        ("-10% of a", "-(10% of a)"),
        ("10% of -a", "10% of (-a)"),
        ("a < b and b < c or not c < a", "((a < b) and (b < c)) or (not (c < a))"),
        ("a if a < b else b if b < c else c", "a if (a < b) else (b if (b < c) else c)"),
        ("a + b from month 13 else c * 2", "(a + b) from month 13 else (c * 2)"),
        ("a from year 3 else b from year 2 else c", "a from year 3 else (b from year 2 else c)"),
        ("max(a from month 2 else b, c)", "max((a from month 2 else b), c)"),
    ],
)
def test_what_binds_tighter(text, same):
    assert parse(text).tree == parse(same).tree


# --- literals and names ---


@pytest.mark.parametrize(
    "text, number, unit",
    [
        ("14_500", 14_500, None),
        ("0.118", 0.118, None),
        ("1.2m", 1.2e6, None),
        ("15%", 0.15, ""),
        ("250 bp", 0.025, ""),
        ("1.2m EUR", 1.2e6, "EUR"),
        ("€1.2m", 1.2e6, "EUR"),
        ("€92/MWh", 92, "EUR/MWh"),
        ("0.118 MWh/kNm3", 0.118, "MWh/kNm3"),
        ("34_000 EUR per month", 34_000, "EUR/month"),
        ("34_000 per month per site", 34_000, "1/month/site"),
        ("3% pa", 0.03, "1/year"),
    ],
)
def test_literals_carry_their_units(text, number, unit):
    assert parse(text).tree == Number(number, None if unit is None else Unit.parse(unit))
    assert parse(f"({text}) * x").tree == parse(f"{text} * x").tree


def test_the_slash_of_a_unit_has_no_spaces():
    assert parse("2 EUR/MWh").tree == Number(2.0, Unit.parse("EUR/MWh"))
    assert parse("2 EUR / MWh").tree == Binary("/", Number(2.0, Unit.parse("EUR")), Name("MWh"))
    assert parse("100/sites").tree == Binary("/", Number(100.0), Name("sites"))


def test_a_number_is_a_formula():
    assert parse(34_000).tree == Number(34_000.0)
    assert value(repr(-2.5)) == -2.5 == value(parse(-2.5).text)
    for wrong in (True, float("nan"), float("inf")):
        with pytest.raises(FormulaError, match="not a number"):
            parse(wrong)


def test_names_are_gathered_and_parts_know_their_text():
    formula = parse("total(gain * share) - wage[base] + gain_share.pain")
    assert formula.names == {"gain", "share", "wage", "gain_share.pain"}
    inner = formula.part(formula.tree.left.left.inner)
    assert (inner.text, inner.names) == (formula.text, {"gain", "share"})


@pytest.mark.parametrize(
    "text, when",
    [("month 13", When("month", month=13)), ("year 3", When("year", year=3)), ("2028-01", When("date", 2028, 1))],
)
def test_dates_are_read(text, when):
    assert parse(f"a from {text} else b").tree == Dated(when, Name("a"), Name("b"))


def test_forms_of_one_formula_are_equal_and_travel():
    formula = parse("a + 2 * max(b, 1)")
    assert pickle.loads(pickle.dumps(formula)) == formula == parse("a + 2 * max(b, 1)")
    error = pickle.loads(pickle.dumps(FormulaError("a ? b", (2, 3), "has no meaning.")))
    assert str(error) == "'?' (column 3): has no meaning."


# --- what cannot be read ---


@pytest.mark.parametrize(
    "text, column, words",
    [
        ("a ** 2", 3, ["'**'", "no powers", "sqrt"]),
        ("a ^ 2", 3, ["'^'", "no powers"]),
        ("a == b", 3, ["'=='", "never exactly equal", "<= or >="]),
        ("a != b", 3, ["never exactly equal"]),
        ("a // b", 3, ["Write /"]),
        ("a × b", 3, ["'×'", "Write *."]),
        ("a ≤ b", 3, ["Write <=."]),
        ("a ? b", 3, ["no meaning"]),
        ("a +", 4, ["at the end", "value is missing"]),
        ("", 1, ["value is missing"]),
        ("a b", 3, ["'b'", "operator is missing"]),
        ("(a + b", 7, ["closing bracket"]),
        ("a)", 2, ["operator is missing"]),
        ("max(a b)", 7, ["closing bracket or a comma"]),
        ("a < b < c", 7, ["a < b and b < c"]),
        ("a if b", 7, ["A if C else B"]),
        ("a from month 3", 15, ["say what applies before"]),
        ("a from then else b", 3, ["say when", "from month 13"]),
        ("a from month 0 else b", 3, ["no such moment"]),
        ("a from 2028-13 else b", 3, ["no such moment"]),
        ("a from year 2 else b from year 3 else c", 20, ["never applies", "latest moment first"]),
        ("a[start]", 3, ["only [base]", "a[base]"]),
        ("a[base", 7, ["closing bracket"]),
        ("maxx(a, b)", 1, ["no such function", "Did you mean 'max'?"]),
        ("zzz(a, b)", 1, ["no such function", "clip"]),
        ("round(a, b)", 10, ["a number above 0", "round(x, 0.01)"]),
        ("round(a, 0)", 10, ["a number above 0"]),
        ("paid(a + b)", 1, ["the name of one term"]),
        ("paid()", 1, ["the name of one term"]),
        ("max(a)", 1, ["max takes 2 or more arguments, not 1"]),
        ("clip(a, b)", 1, ["clip takes 3 arguments, not 2"]),
        ("total()", 1, ["total takes 1 argument, not 0"]),
        ("sqrt(a, b)", 1, ["sqrt takes 1 argument, not 2"]),
        ("a + €1.234", 5, ["two numbers", "€1_234 or €1.2340"]),
        ("min(1,234, a)", 5, ["comma between two digits", "1_234"]),
        ("12kWh * a", 1, ["runs on", "space before a unit"]),
        ("2a", 1, ["runs on", "* before a name"]),
        ("a * 1.2.3", 5, ["not a number"]),
        ("15% sites", 1, ["two units"]),
        ("60 of a", 1, ["fraction", "Write 60% of."]),
        ("a per month", 3, ["operator is missing"]),
    ],
)
def test_what_cannot_be_read_says_why_and_where(text, column, words):
    refused(text, *words, column=column)


def test_formulas_have_limits():
    refused("(" * 41 + "a" + ")" * 41, "nests more than 40")
    refused("-" * 41 + "a", "nests more than 40")
    refused(" + ".join(["a"] * 102), "more than 100 operations")
    refused("a" * 2_001, "longer than 2,000 characters")
    assert value(" + ".join(["a"] * 100), a=1.0) == 100
    assert value("(" * 39 + "a" + ")" * 39, a=1.0) == 1


PIECES = (
    "1 60 1.5 1.234 % bp € EUR /MWh per pa a b + - * / ** ( ) [base] , of if else from month 13 2028-01 < <= and or not"
)
pieces = st.lists(st.sampled_from([*PIECES.split(), "max(", "total(", "éa", "٣", "\n", "\u00a0"]), max_size=25)
texts = st.text(max_size=60) | pieces.map(" ".join) | pieces.map("".join)


def complaint(text):
    """None for a formula whose units agree, else the error; anything but a FormulaError goes through."""
    try:
        formula = parse(text)
        unit_of(formula, UNITS | {"a": DIMENSIONLESS, "b": DIMENSIONLESS})
    except FormulaError as error:
        return error
    return None


@given(texts)
def test_any_text_is_a_formula_or_a_formula_error(text):
    if error := complaint(text):
        assert 1 <= error.column <= len(text) + 1
        assert "\n" not in str(error)
        assert str(error).endswith((".", "?"))


# --- units ---


@pytest.mark.parametrize(
    "text, unit",
    [
        ("cost + fee", "EUR/month"),
        ("cost - 500", "EUR/month"),
        ("0 + cost", "EUR/month"),
        ("max(0, cost, fee)", "EUR/month"),
        ("clip(cost, 0, 5)", "EUR/month"),
        ("energy * price", "EUR/month"),
        ("cost / energy", "EUR/MWh"),
        ("2 * cost", "EUR/month"),
        ("1 / price", "MWh/EUR"),
        ("cost / fee", ""),
        ("15% * cost", "EUR/month"),
        ("15% of cost", "EUR/month"),
        ("share of cost", "EUR/month"),
        ("10% of 20% of cost", "EUR/month"),
        ("-cost", "EUR/month"),
        ("abs(cost)", "EUR/month"),
        ("total(cost)", "EUR"),
        ("total(yearly)", "EUR"),
        ("total(price)", "EUR/MWh"),
        ("total(cost) / total(energy)", "EUR/MWh"),
        ("mean(cost)", "EUR/month"),
        ("last(share)", ""),
        ("sqrt(cost * cost)", "EUR/month"),
        ("sqrt(share)", ""),
        ("exp(share)", ""),
        ("cost if cost > 10 else 0", "EUR/month"),
        ("0 if big and not share > 0.5 else cost", "EUR/month"),
        ("15% of cost from month 13 else 0", "EUR/month"),
        ("sites * 95_000 EUR per month + cost", "EUR/month"),
        ("0.4 + 0.6 * price / price[base]", ""),
    ],
)
def test_units_follow_from_the_values(text, unit):
    assert unit_of(parse(text), UNITS) == Unit.parse(unit)


@pytest.mark.parametrize(
    "text", ["2", "2 * 3 - 1", "-2", "max(1, 2)", "exp(2)", "1 if big else 2", "total(1)", "sqrt(4)"]
)
def test_bare_numbers_adopt_what_is_wanted(text):
    assert unit_of(parse(text), UNITS) is Kind.BARE


@pytest.mark.parametrize("text", ["cost > 0", "big or cost <= fee", "not big", "total(cost) >= 10% of total(fee)"])
def test_comparisons_are_conditions(text):
    assert unit_of(parse(text), UNITS) is Kind.CONDITION


@pytest.mark.parametrize(
    "text, words",
    [
        ("cost + energy", ["cost is in EUR/month, energy is in MWh/month: they cannot be added.", "one unit"]),
        ("cost - yearly", ["cannot be subtracted", "one period"]),
        ("cost - total(fee)", ["total(fee) is in EUR:", "one period"]),
        ("cost + 15%", ["15% is a plain number", "15% of x"]),
        ("cost > energy", ["cannot be compared"]),
        ("max(0, cost, energy)", ["cannot be compared"]),
        ("cost if big else energy", ["two cases of one value"]),
        ("cost from month 3 else energy", ["cannot follow one another"]),
        ("cost + (1 if cost else 0)", ["'cost' (column 14)", "condition is needed", "x > 0"]),
        ("cost + (cost > 1)", ["'(cost > 1)'", "number is needed"]),
        ("-(cost > 1)", ["number is needed"]),
        ("total(big)", ["number is needed"]),
        ("not cost", ["condition is needed"]),
        ("big and cost", ["condition is needed"]),
        ("exp(cost)", ["exp needs a plain number", "EUR/month"]),
        ("log(cost)", ["log needs a plain number", "reference"]),
        ("sqrt(cost)", ["root of EUR/month"]),
        ("price of cost", ["left of 'of'", "plain number"]),
        ("cots * 2", ["'cots' (column 1): no such value. Did you mean 'cost'?"]),
        ("2 * cots[base]", ["'cots[base]' (column 5)", "Did you mean 'cost'?"]),
        ("2 sites", ["sites is a value, not a unit", "spaces around /"]),
        ("€5/sites", ["sites is a value, not a unit"]),
    ],
)
def test_units_that_disagree_are_refused(text, words):
    refused(text, *words)


def test_without_names_nothing_is_suggested():
    refused("a", "no such value", "Known are", units={"zzz": DIMENSIONLESS})
    with pytest.raises(FormulaError, match="Known are none"):
        unit_of(parse("a"), {})


# --- evaluation ---


def test_an_indexation_divides_by_its_base():
    assert evaluate(parse("0.4 + 0.6 * wage / wage[base]"), Window(wage=[100, 110])) == pytest.approx([1.0, 1.06])


@pytest.mark.parametrize(
    "kind, expected", [("total", 15), ("mean", 3.75), ("lowest", 1), ("highest", 8), ("first", 2), ("last", 4)]
)
def test_a_window_is_reduced_to_one_number(kind, expected):
    assert evaluate(parse(f"{kind}(x - 1)"), Window(x=[3, 9, 2, 5])) == expected


def test_a_dated_amount_applies_from_its_moment():
    formula = parse("15% of cost from month 13 else 0")
    assert evaluate(formula, Window(cost=[100], since=np.array([True]))) == pytest.approx([15])
    assert evaluate(formula, Window(cost=[100], since=np.array([False]))) == pytest.approx([0])


def test_functions_compute():
    assert value("clip(a, 0, 1) + abs(-2) + sqrt(9)", a=7.0) == 6
    assert value("max(1, 3, 2) - min(3, 1, 2)") == 2
    assert value("log(exp(1))") == pytest.approx(1, abs=1e-15)
    assert evaluate(parse("log(exp(x))"), Window(x=[-1, 1])) == pytest.approx([-1, 1], abs=1e-15)


def test_choices_are_made_path_by_path():
    scope = Window(gain=[-10, 0, 20])
    assert evaluate(parse("60% * gain if gain < 0 else 40% * gain"), scope) == pytest.approx([-6, 0, 8])
    assert list(evaluate(parse("not gain < 0 and gain <= 0 or gain >= 20"), scope)) == [False, True, True]


def test_the_same_formula_is_written_into_a_tree():
    tree = Tree()
    price = tree.leaf("input", 0, section=0)
    scope = SimpleNamespace(value=lambda name: price, since=lambda when: price > 0.0)
    written = evaluate(parse("max(exp(2) * price, 3) from month 3 else -price"), scope)
    assert isinstance(written, Node)
    assert written.op == "where"
    assert {"mul", "gt", "neg"} <= {node.op for node in tree.nodes}


def test_a_constant_division_by_zero_names_its_place():
    with pytest.raises(FormulaError, match=r"'1 / \(2 - 2\)' \(column 5\).*division by zero"):
        evaluate(parse("a - 1 / (2 - 2)"), Window(a=[1]))
