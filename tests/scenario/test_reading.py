"""Reading: what plain words become, which texts are refused, and where each problem is placed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gainsim.errors import Problem, ScenarioError
from gainsim.scenario import reading
from gainsim.scenario.reading import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    Document,
    KeyPath,
    Place,
    read,
    read_text,
)
from gainsim.spelling import did_you_mean


def problems(text: str) -> list[tuple[int, int, str, str]]:
    with pytest.raises(ScenarioError) as caught:
        read_text(text, "offer.yaml")
    assert all(problem.file == "offer.yaml" for problem in caught.value.problems)
    return [(problem.line, problem.column, problem.path, problem.message) for problem in caught.value.problems]


def problem(text: str) -> tuple[int, int, str, str]:
    found = problems(text)
    assert len(found) == 1
    return found[0]


def file_problem(path: Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        read(path)
    assert len(caught.value.problems) == 1
    found = str(caught.value.problems[0])
    assert found.startswith(str(path))
    return found.removeprefix(str(path))


@pytest.mark.parametrize(
    "written, value",
    [
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        *((word, word) for word in ("NO", "no", "on", "off", "yes", "y", "tRUE", "nULL", "nil")),
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
        ("14_500", 14_500),
        ("-40_000", -40_000),
        ("1" * 300, int("1" * 300)),
        ("0.5", 0.5),
        (".5", 0.5),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("1_000.25", 1000.25),
        ("1e3", 1000.0),
        ("1.5E-3", 0.0015),
        *(
            (word, word)
            for word in ("00123", "-01", "00.5", "0x1F", "0o17", "12:30", "1_", "_1", "1__0", "1,5", "1e", ".")
        ),
        *((word, word) for word in ("inf", "-inf", ".inf", "nan", ".nan", ".NaN", "Infinity", "\u0663")),
        *((word, word) for word in ("2027-01", "2027-01-31", "8% pa", "15% * cost from month 13 else 0", "<<", "=")),
        ("'5'", "5"),
        ('"true"', "true"),
        ("''", ""),
        ('"a\\tb\\n"', "a\tb\n"),
        ("|\n  5", "5"),
        (">\n  a\n  b\n", "a b\n"),
    ],
)
def test_what_a_written_value_becomes(written: str, value: object) -> None:
    read_value = read_text(f"key: {written}", "offer.yaml").data["key"]
    assert read_value == value
    assert type(read_value) is type(value)


def test_keys_stay_as_written() -> None:
    document = read_text("2027: 5\n1_000: a\n~: b\ntrue: c\nup to 50_000: d\n'2028': e", "offer.yaml")
    assert list(document.data) == ["2027", "1_000", "~", "true", "up to 50_000", "2028"]


def test_places_of_keys_and_values() -> None:
    text = "title: Air\nsteps:\n  - share: {above: 25%}\n  - 7\nempty:\n"
    document = read_text(text, "offer.yaml")
    assert document.data == {"title": "Air", "steps": [{"share": {"above": "25%"}}, 7], "empty": None}
    assert document.places == {
        (): (1, 1),
        ("title",): (1, 1),
        ("steps",): (2, 1),
        ("steps", 0): (3, 5),
        ("steps", 0, "share"): (3, 5),
        ("steps", 0, "share", "above"): (3, 13),
        ("steps", 1): (4, 5),
        ("empty",): (5, 1),
    }
    assert document.value_places == {
        (): (1, 1),
        ("title",): (1, 8),
        ("steps",): (3, 3),
        ("steps", 0): (3, 5),
        ("steps", 0, "share"): (3, 12),
        ("steps", 0, "share", "above"): (3, 20),
        ("steps", 1): (4, 5),
        ("empty",): (5, 7),
    }


def test_the_place_of_what_is_not_there_is_its_nearest_ancestor() -> None:
    document = read_text("a:\n  b: [1]", "offer.yaml")
    assert document.place(("a", "b", 0)) == Place(2, 7)
    assert document.place(("a", "b", 5, "c")) == Place(2, 3)
    assert document.place(("x", "y")) == document.place(()) == Place(1, 1)


def test_all_problems_of_the_data_are_reported_at_once() -> None:
    text = "a: 1\nb: {c: &x 1, d: *x, c: !int 2}\na: 3\n[k]: 1\ne: 1e999\nf: 5\na: 4\n"
    assert problems(text) == [
        (2, 8, "b.c", "'&x' is an anchor, which is not allowed. Write the value out, or put quotes around text."),
        (2, 17, "b.d", "'*x' is an alias, which is not allowed. Write the value out, or put quotes around text."),
        (2, 21, "b.c", "'c' is written twice, on line 2, in columns 5 and 21. Keep one."),
        (2, 24, "b.c", "'!int' is a tag, which is not allowed. Write the value out, or put quotes around text."),
        (3, 1, "a", "'a' is written twice, on line 1 and on line 3. Keep one."),
        (4, 1, "", "a key must be plain text. Put quotes around one that starts with [, {, * or &."),
        (5, 4, "e", "1e999 is too large; a number lies below 1.8e308."),
        (7, 1, "a", "'a' is written twice, on line 1 and on line 7. Keep one."),
    ]


@pytest.mark.parametrize(
    "text, line, column, path, words",
    [
        ("2027: 1\n'2027': 2", 2, 1, "2027", "on line 1 and on line 2"),
        ("a: 1\n? {b: 1}\n: 2", 2, 3, "", "a key must be plain text"),
        ("a: 1\n? |\n  two\n  lines\n: 2", 2, 3, "", "a key must be one line"),
        ("a: 1\n: 2", 2, 1, "", "stands alone"),
        ("{'': 1}", 1, 2, "", "a key must be one line"),
        ("&x a: 1", 1, 1, "", "'&x' is an anchor"),
        ("a: [1, &x {b: 2}]", 1, 8, "a[1]", "'&x' is an anchor"),
        ("!!set {a}", 1, 1, "", "'tag:yaml.org,2002:set' is a tag"),
        ("a: " + "9" * 5000, 1, 4, "a", "9" * 37 + "... is too large"),
        ("a: -1e400", 1, 4, "a", "-1e400 is too large"),
        ('a: "\\0"', 1, 4, "a", "U+0000 cannot be seen"),
        ('a: "\\ud83d\\ude00"', 1, 4, "a", "U+D83D cannot be seen"),
        ('"\\x07": 1', 1, 1, "", "U+0007 cannot be seen"),
    ],
)
def test_data_that_is_refused(text: str, line: int, column: int, path: str, words: str) -> None:
    *place, message = problem(text)
    assert place == [line, column, path]
    assert words in message


@pytest.mark.parametrize(
    "text, line, column, words",
    [
        ("a:\n\tb: 1", 2, 1, "a tab is used for indentation. Use spaces."),
        ("a:\n  \tb: 1\n  c: 2", 2, 3, "a tab is used for indentation"),
        ("gainsim:1\ntitle: Air", 1, 9, "A colon needs a space after it"),
        ("a: 1\n\namount:5\nb: 2", 3, 8, "A colon needs a space after it"),
        ("a: b: c", 1, 5, "Put quotes around text with a colon"),
        ("a: 5\n  b: 6", 2, 4, "check the indentation"),
        ("a: 1\nb\nc: 2", 2, 1, "a key without its colon"),
        ("a: 1\nb: [1, 2\nc: 3", 2, 4, "no closing ']' for this was found up to line 3"),
        ("a: {b: 1\n", 1, 4, "no closing '}' for this was found up to line 2"),
        ("a: {b: 1 c: 2}", 1, 11, "a comma or the closing '}' is missing before this"),
        ("a: [1, 2}", 1, 9, "a comma or the closing ']' is missing before this"),
        ("a: { b: wage[base] }", 1, 13, "Text with brackets needs quotes"),
        ("a: {", 1, 5, "the file ends inside a bracket or brace"),
        ("a: 1\n]", 2, 1, "']' stands alone here"),
        ("a: [1,,2]", 1, 7, "a value is missing before ','"),
        ('a: 1\nb: "x\nc: 5\n', 2, 4, "the quote opened here is never closed"),
        ("a: 'it's here'", 1, 8, "text goes on after a closing quote"),
        ('a: "C:\\q"', 1, 8, "a backslash has a meaning between double quotes"),
        ('a: "\\U00110000"', 1, 7, "an escape here stands for no character"),
        ('a: "\\UFFFFFFFF"', 1, 7, "an escape here stands for no character"),
        ("a: %5", 1, 4, "text that starts with '%' needs quotes"),
        ("%5\na: 1", 2, 1, "text that starts with %"),
        ("a: >= 5", 1, 5, "text that starts with > or | needs quotes"),
        ("a: > 5", 1, 6, "text that starts with > or | needs quotes"),
        ("a: * b", 1, 5, "text that starts with * or & needs quotes"),
        ("  a: 1\nb: 2", 2, 1, "does not start in the column of its neighbours"),
        ("a:\n  b: 1\n c: 2", 3, 2, "does not start in the column of its neighbours"),
        ("a: 1\n- b", 2, 1, "does not start in the column of its neighbours"),
        ("- b\na: 1", 2, 1, "does not start in the column of its neighbours"),
        ("%YAML 7.0\n---\na: 1", 1, 1, "this is not YAML: found incompatible YAML document"),
        ("a: 1\n---\nb: 1", 2, 1, "a second document starts here"),
        ("a: 1\n---\n", 2, 1, "a second document starts here"),
    ],
)
def test_text_that_is_not_one_yaml_document_is_one_problem_with_its_usual_cause(
    text: str, line: int, column: int, words: str
) -> None:
    *place, message = problem(text)
    assert place == [line, column, ""]
    assert words in message


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "---", "--- # nothing"])
def test_an_empty_file(text: str) -> None:
    assert problem(text) == (
        *(0, 0, ""),
        "the file is empty; a scenario is keys and their values, as in 'title: Compressed air'.",
    )


@pytest.mark.parametrize(
    "text, words",
    [
        ("- a", "the top level is a list"),
        ("some words", "the top level is text"),
        ("gainsim:1", "A colon needs a space"),
    ],
)
def test_the_top_level_is_a_mapping(text: str, words: str) -> None:
    *place, message = problem(text)
    assert place == [1, 1, ""]
    assert words in message


@pytest.mark.parametrize(
    "text, line, column, code",
    [
        ("a: 1\nb\x07: 2", 2, 2, "U+0007"),
        ("a: 1\r\nb: \x00", 2, 4, "U+0000"),
        ("a: 1\rb: \x85", 2, 4, "U+0085"),
        ("a: \u2028", 1, 4, "U+2028"),
        ("a: 1\n\ufeffb: 2", 2, 1, "U+FEFF"),
        ("a: \ud800", 1, 4, "U+D800"),
        ("a: \uffff", 1, 4, "U+FFFF"),
    ],
)
def test_characters_that_cannot_be_seen(text: str, line: int, column: int, code: str) -> None:
    assert problem(text) == (line, column, "", f"the character {code} cannot be seen and is not allowed. Remove it.")


def test_size_limit() -> None:
    rest = MAX_BYTES - len("a: 1\n#")
    assert read_text("a: 1\n#" + "x" * rest, "offer.yaml").data == {"a": 1}
    too_large = (0, 0, "", "larger than 1,000,000 bytes. Keep long histories in a file of their own.")
    assert problem("a: 1\n#" + "x" * (rest + 1)) == too_large
    assert problem("a: 1\n#" + "x" * (rest - 1) + "é") == too_large


def test_node_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_NODES == 50_000
    monkeypatch.setattr(reading, "MAX_NODES", 9)
    text = "a: {b: [1, 2, 3, 4]}"  # three collections, two keys and four items
    assert read_text(text, "offer.yaml").data == {"a": {"b": [1, 2, 3, 4]}}
    assert problem("a: {b: [1, 2, 3,\n4, 5]}") == (
        *(2, 4, ""),
        "more than 9 keys and values. Keep long histories in a file of their own.",
    )


def test_depth_limit() -> None:
    deep = MAX_DEPTH - 1  # the mapping is the first level
    read_text("a: " + "[" * deep + "]" * deep, "offer.yaml")
    assert problem("a: " + "[" * (deep + 1) + "]" * (deep + 1)) == (1, 43, "", "nested deeper than 40 levels.")
    assert problem("- " * 100_000)[3] == problem("[" * 900_000)[3] == "nested deeper than 40 levels."


def test_a_file_is_read_with_or_without_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "offer.yaml"
    for mark in (b"", b"\xef\xbb\xbf"):
        path.write_bytes(mark + "title: Förderung\r\nyears: 7\r\n".encode())
        document = read(path)
        assert document.name == str(path)
        assert document.data == {"title": "Förderung", "years": 7}
        assert document.places["title",] == (1, 1)
        assert document.places["years",] == (2, 1)


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "offer.yaml"
    path.write_bytes("a: 1\nü: 2\nb: é".encode().replace(b"\xc3\xa9", b"\xe9"))
    assert file_problem(path) == ":3:4: byte 0xE9 on line 3 is not UTF-8; save the file as UTF-8."
    path.write_bytes("a: 1".encode("utf-16"))
    assert file_problem(path).endswith("on line 1 is not UTF-8; save the file as UTF-8.")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "offer.yaml"
    path.write_bytes(b"#" + "é".encode() * MAX_BYTES)
    assert file_problem(path) == ": larger than 1,000,000 bytes. Keep long histories in a file of their own."


def test_a_missing_file_names_the_likely_neighbour(tmp_path: Path) -> None:
    for name in ("facilities.yaml", "heating.yml", "facilitys.txt"):
        (tmp_path / name).touch()
    assert file_problem(tmp_path / "facilitys.yaml") == ": no such file. Did you mean 'facilities.yaml'?"
    assert file_problem(tmp_path / "heating.yaml") == ": no such file. Did you mean 'heating.yml'?"
    assert file_problem(tmp_path / "zzz") == ": no such file."
    missing = tmp_path / "none"
    assert file_problem(missing / "offer.yaml") == f": no such file: the folder '{missing}' does not exist."


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    assert file_problem(tmp_path) == ": this is a folder. Name the scenario file in it."


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert file_problem(tmp_path / "offer.yaml") == ": no permission to read this file."


def test_a_missing_file_in_a_folder_that_may_not_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert file_problem(tmp_path / "offer.yaml") == ": no such file."


def test_a_name_no_file_can_have(tmp_path: Path) -> None:
    assert "cannot be read: " in file_problem(tmp_path / "a\0b")
    assert "cannot be read: File name too long." in file_problem(tmp_path / ("a" * 300))


def test_did_you_mean_looks_past_case_and_small_slips() -> None:
    assert did_you_mean("eur", ["GBP", "EUR"]) == " Did you mean 'EUR'?"
    assert did_you_mean("suplier", ["supplier", "customer"]) == " Did you mean 'supplier'?"
    assert did_you_mean("zebra", ["supplier", "customer"]) == ""


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *":-?,[]{}#&*!|>'\"%@`\\<=~.\n\t ",
            *("\r\n", ": ", "- ", "? ", "\n  ", "\n- ", "\n---\n", "\n...\n", "a", "b: ", "&x ", "*x", "!t ", "!!int "),
            *(
                "1e999",
                "0x1",
                "%YAML 1.2\n",
                "%TAG ! x:\n",
                "\\U0011",
                "\\x0",
                "|2-",
                ">+\n",
                "<<: ",
                "é",
                "\ufeff",
                "[a",
                "{b: ",
            ),
        ]
    ),
    max_size=40,
).map("".join)
ANY_TEXT = st.text(st.characters(), max_size=60)


def outcome(attempt: Callable[[], Document]) -> tuple[Problem, ...]:
    """The problems of a reading; where there is none, every part of the data has its places and is plain."""
    try:
        document = attempt()
    except ScenarioError as error:
        return error.problems
    parts = [*parts_of((), document.data)]
    assert set(document.places) == set(document.value_places) == {path for path, _ in parts}
    assert all(part is None or isinstance(part, dict | list | str | int | float) for _, part in parts)
    return ()


def parts_of(path: KeyPath, value: object) -> Iterator[tuple[KeyPath, object]]:
    yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from parts_of((*path, key), part)


@settings(deadline=None, max_examples=300)
@given(st.one_of(FRAGMENTS, ANY_TEXT, st.builds("a: {}\n{}".format, FRAGMENTS, FRAGMENTS)))
def test_any_text_is_a_document_or_a_scenario_error(text: str) -> None:
    for problem in outcome(lambda: read_text(text, "offer.yaml")):
        assert 0 <= problem.line <= len(text.splitlines()) + 1
        assert problem.message


@settings(deadline=None, max_examples=100)
@given(st.one_of(st.binary(max_size=60), st.builds(str.encode, FRAGMENTS)))
def test_any_bytes_are_a_document_or_a_scenario_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(content)
    assert all(problem.file == str(path) for problem in outcome(lambda: read(path)))
