"""From a file to an offer: read, changed where asked, checked for form and for sense; all problems at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gainsim.bridge import Floats, Run, notes, notes_of_reading, simulate_model, statement
from gainsim.cells import Progress
from gainsim.errors import DataError, NotFiniteError, Problem, ScenarioError, UsageError
from gainsim.measuring import rules_of
from gainsim.model import Model, OfferError
from gainsim.offer.limits import ACCEPTED, LIMITED_NAMES, HouseLimit, limited
from gainsim.offer.names import likely_name
from gainsim.offer.scenario import Scenario
from gainsim.offer.tuning import Tune
from gainsim.planning import prepared
from gainsim.scenario.amendments import amended
from gainsim.scenario.changes import changed, with_run
from gainsim.scenario.further_down import parts_below
from gainsim.scenario.levers import problems_of_levers
from gainsim.scenario.library import filled_in, opinions, unknown
from gainsim.scenario.offers import in_the_file, of_offer, offers_in, told_once
from gainsim.scenario.problems import problem_of, problems_from
from gainsim.scenario.reading import Document, KeyPath, PartlyReadError, path_text, read, read_text
from gainsim.scenario.shock_sizes import problems_of_sizes
from gainsim.scenario.stress import complaints_of_cases
from gainsim.spelling import did_you_mean, listed, meant_or_known
from gainsim.streams.sampling import SOURCES


@dataclass(frozen=True)
class Loaded:
    """A scenario that is in order: as written, as read, and as dated.

    agreed: the document with its amendments in place, and with what its drivers take from the library
    notes:  what is suspect in it, and no mistake; none are looked for in one of many candidates
    """

    scenario: Scenario
    document: Document
    agreed: Document
    dated: Model
    notes: tuple[str, ...] = ()

    @property
    def model(self) -> Model:
        """The offer as it is simulated. Raises `ScenarioError` where it needs facts that only actuals give."""
        if self.dated.given:
            given = self.dated.given
            said = (
                f"{listed(given)} {'come' if len(given) > 1 else 'comes'} from actuals only, which gainsim settle reads"
            )
            fix = f"To simulate, write {'them as drivers' if len(given) > 1 else 'it as a driver'} instead"
            raise ScenarioError([problem_of(f"{said}. {fix}, saying how each moves.", ("facts",), self.document)])
        return self.dated

    def simulate(
        self,
        paths: int,
        seed: int,
        threads: int | None = None,
        progress: Progress | None = None,
        sampling: str = "pseudo_random",
        control_variates: bool = False,
    ) -> Run:
        """Run the offer; a result that is no number is told at the place of its formula."""
        with self.placed():
            return simulate_model(
                self.model, paths, seed, threads, progress, sampling, control_variates=control_variates
            )

    def statement(self, path: int) -> Floats:
        """Every row of one path as `model.told` has them, (rows,): lines with the same bits as in the crowd, and gates.

        Raises `UsageError` where this path cannot be drawn.
        """
        run = self.scenario.run
        if run.precision is not None and "more paths" not in SOURCES[run.sampling].promises:
            raise UsageError(
                f"under sampling {run.sampling} a path depends on how many there are, which precision finds out. "
                "Write paths: with the number that the run says, and leave precision out."
            )
        with self.placed():
            return statement(self.model.told, path, run.seed, run.sampling, run.paths)

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Inside, a result that is no number is told at the place of its formula."""
        try:
            yield
        except NotFiniteError as error:
            raise DataError(str(problem_of(str(error), (), self.agreed))) from None


def load_file(
    path: Path | str,
    changes: Sequence[str] = (),
    asked: str = "--set ",
    offer: str | None = None,
    **run: int | str | None,
) -> Loaded:
    """Load a scenario file. changes: "drivers.wage.constant=5", each setting one value of the file.

    asked: what stands before a change where it was asked for
    offer: which one, where the file has several
    run:   paths, seed and what else `run` says, where it is not the file's
    Raises `ScenarioError` with every problem and its place; `UsageError` for a change or an offer that is none, or a
    wrong one.
    """
    return chosen(load_offers(path, changes, asked, **run), offer)


def load_offers(
    path: Path | str,
    changes: Sequence[str] = (),
    asked: str = "--set ",
    **run: int | str | None,
) -> dict[str, Loaded]:
    """The offers of a scenario file by name, in its order; a file that is one offer has one, without a name."""
    document = _whole(lambda: read(Path(path)))
    return offers_of(with_run(changed(document, changes, asked), **run))


def load_text(text: str, name: str) -> dict[str, Loaded]:
    """The same of a scenario's text; `name` stands for the file in problems."""
    return offers_of(_whole(lambda: read_text(text, name)))


def from_document(document: Document, *, noted: bool = True) -> Loaded:
    """The offer of a document that is one.

    noted: whether its base case is run, and what is suspect is looked for; of a candidate among many neither is
    """
    return chosen(offers_of(document, noted=noted), None)


def chosen(offers: Mapping[str, Loaded], name: str | None) -> Loaded:
    """The offer of this name; without a name the only one. Raises `UsageError` where there is no such choice."""
    loaded = next(iter(offers.values()))
    file, known = loaded.document.name, tuple(name for name in offers if name)
    if name is None and len(known) > 1:
        raise UsageError(f"{file} has {len(known)} offers: {', '.join(known)}. Choose one with --offer.")
    if name is not None and not known:
        raise UsageError(f"--offer {name}: {file} is one offer, without others to choose from. Leave it out.")
    if name is not None and name not in known:
        raise UsageError(f"--offer {name}: {file} has {', '.join(known)}.{did_you_mean(name, known)}")
    return loaded if name is None else offers[name]


def _whole(reading: Callable[[], Document]) -> Document:
    """A document that could be read in full; else its problems, with what is wrong in the rest of it."""
    try:
        return reading()
    except PartlyReadError as error:
        raise ScenarioError([*error.problems, *_problems_besides(error)]) from None


def _problems_besides(half: PartlyReadError) -> list[Problem]:
    """What else is wrong in a file that was read in part, beside the values that could not be read."""
    unread = [path for path in half.document.places if path_text(path) in {p.path for p in half.problems if p.path}]
    document = filled_in(half.document)
    _, found, broken = _in_form(document)
    others = [p for p in found if not p.path.startswith(tuple(map(path_text, unread)))]
    return [*others, *_problems_of_the_rest(document, [*broken, *unread])]


def offers_of(document: Document, *, noted: bool = True) -> dict[str, Loaded]:
    """Check a document and write its offers down; what is wrong in a change of it is not held against the file.

    noted: whether their base cases are run, and what is suspect is looked for
    """
    try:
        return _each_offer(document, noted) if offers_in(document) else {"": _checked(document, noted)}
    except ScenarioError as error:
        raise blamed(error.problems, document) from None


def blamed(problems: Sequence[Problem], document: Document) -> ScenarioError | UsageError:
    """The error of some problems: of what was asked for, as by --set, where a change of the file is to blame; else of the file."""
    wrong = [(change, problem) for change in document.changes for problem in problems if change.is_to_blame(problem)]
    if not wrong:
        return ScenarioError(problems)
    return UsageError("\n".join(f"{change.asked}: {problem.message}" for change, problem in wrong))


def _each_offer(document: Document, noted: bool) -> dict[str, Loaded]:
    """The offers of a file, each checked as a scenario of its own once the file as a whole is in form."""
    _, found, _ = _in_form(filled_in(document))
    if found:
        raise ScenarioError(found)
    names = offers_in(document)
    loaded, wrong = {}, {}
    for name in names:
        try:
            loaded[name] = _checked(of_offer(document, name), noted)
        except ScenarioError as error:
            wrong[name] = tuple(in_the_file(problem, document, name) for problem in error.problems)
    if wrong:
        raise ScenarioError(told_once(wrong, len(names)))
    return loaded


def _checked(document: Document, noted: bool) -> Loaded:
    """A document, with what it takes from the library; it is kept as it was written."""
    wrong = problems_of_levers(document)
    try:
        loaded = _amended(filled_in(document))
        notes = (*_noted(loaded.dated, loaded.agreed), *opinions(document)) if noted else ()
        wrong += problems_of_sizes(loaded.dated, loaded.agreed) if noted else []
    except ScenarioError as error:
        raise ScenarioError([*error.problems, *wrong]) from None
    if wrong:
        raise ScenarioError(wrong)
    return replace(loaded, document=document, notes=notes)


def _amended(document: Document) -> Loaded:
    """A document and its amendments; what is wrong in it as first agreed is told before what they make of it."""
    scenario = _in_form(document)[0] if "amendments" in document.data else None
    if scenario is None:
        return _as_written(document)
    agreed, found = amended(document, scenario)
    try:
        loaded = _as_written(agreed)
        if not found:
            return loaded
    except ScenarioError as error:
        told = {(problem.line, problem.column) for problem in found}
        found += [problem for problem in error.problems if (problem.line, problem.column) not in told]
    _as_written(document)
    raise ScenarioError(found)


def _as_written(document: Document) -> Loaded:
    """What is wrong in the form of a document does not hide what makes no sense elsewhere: both are told at once."""
    scenario, found, broken = _in_form(document)
    if format_problems := [problem for problem in found if problem.path == "gainsim"]:
        raise ScenarioError(format_problems)  # the rest may be in order in that format
    if found or scenario is None:
        raise ScenarioError([*found, *_problems_of_the_rest(document, broken)])
    model, found = _built(scenario, document)
    if found or model is None:
        raise ScenarioError(found)
    return Loaded(scenario, document, document, model)


def _noted(model: Model, document: Document) -> tuple[str, ...]:
    """What is suspect; in the base case, for what fails there fails in every run, and is told before one."""
    if model.given:
        return notes_of_reading(model)
    try:
        return notes(model, document.place)
    except NotFiniteError as error:
        raise ScenarioError([problem_of(error.told("in the base case,"), (), document)]) from None


def _in_form(document: Document) -> tuple[Scenario | None, list[Problem], list[KeyPath]]:
    """The scenario in a document, what is wrong in its form, and the keys down to it."""
    scenario, found, broken = None, [], []
    strange = unknown(document)  # of such a driver or shock the rest may be in order once its name is
    try:
        scenario = Scenario.model_validate(_without(document.data, strange))
    except ValidationError as error:
        found = problems_from(error, document, Scenario)
        details = error.errors(include_url=False, include_context=False, include_input=False)
        broken = [detail["loc"] for detail in details]
    for path, problem in strange.items():
        scenario = None
        found.append(problem)
        broken.append(path)
    told = {problem.path for problem in found}
    for path, value in parts_below((), document.data):
        if value is None and path_text(path) not in told:  # `cap:` and nothing more would mean that there is no cap
            found.append(problem_of("nothing is written here. Write a value, or leave the key out.", path, document))
            broken.append(path)
    return scenario, found, broken


def _without(data: Mapping[str, Any], entries: Iterable[KeyPath]) -> Mapping[str, Any]:
    """The data without the drivers, or the cases of a stress, in which these keys stand."""
    for first, name, *_ in entries:
        section = str(first)
        data = {**data, section: {key: part for key, part in data[section].items() if key != name}}
    return data


def _built(
    scenario: Scenario, document: Document, lost: Collection[str] = ()
) -> tuple[Model | None, list[Problem]]:
    """The model of an offer whose form is in order, and what makes no sense in it.

    lost: names of terms whose form is not, and which have been taken out
    """
    found = [
        problem_of(message, ("limits", name), document)
        for name, limit in scenario.limits.items()
        for message in _complaints(name, limit, scenario.currency)
    ]
    found += [
        problem_of(message, ("customer", "accepts", name), document)
        for name, limit in scenario.customer.accepts.items()
        for message in _complaints(name, limit, scenario.currency, "customer_", ACCEPTED)
    ]
    found += [
        problem_of(message, ("approval", number, "when", name), document)
        for number, level in enumerate(scenario.approval)
        for name, limit in level.when.items()
        for message in _complaints(name, limit, scenario.currency)
    ]
    if "chance_over_budget" in scenario.customer.accepts and scenario.customer.budget is None:
        told = "is of the customer's budget, and none is written. Write one, as budget: 250_000 EUR per year."
        found.append(problem_of(told, ("customer", "accepts", "chance_over_budget"), document))
    found += [problem_of(message, path, document) for path, message in complaints_of_cases(scenario, document)]
    if scenario.tune is not None:
        complaints = _complaints_of_tune(scenario.tune, scenario.currency)
        found += [problem_of(message, ("tune", *path), document) for path, message in complaints]
    try:
        return prepared(scenario, lost=lost), found
    except OfferError as error:
        return None, [*found, *(problem_of(message, path, document) for path, message in error.found)]


def _complaints(
    name: str, limit: HouseLimit, currency: str, whose: str = "", known: Sequence[str] = LIMITED_NAMES
) -> list[str]:
    """What makes no sense in a limit of the house, or the customer's; whose: what stands before the names of its measures."""
    measure = limited(f"{whose}{name}")
    if measure is not None:
        return list(measure.complaints(name, limit, currency))
    meant = did_you_mean(name, known) or f" Known are {', '.join(known)}."
    return [f"no measure has this name.{meant}"]


def _complaints_of_tune(tune: Tune, currency: str) -> Iterator[tuple[KeyPath, str]]:
    """What makes no sense in what an offer is tuned for."""
    if rules_of(tune.measure) is None:
        meant = meant_or_known(tune.measure, LIMITED_NAMES)
        yield ("maximise" if tune.minimise is None else "minimise",), f"no measure is called '{tune.measure}'.{meant}"
    for name, limit in tune.subject_to.items():
        for message in _complaints(name, limit, currency):
            yield ("subject_to", name), message


def _problems_of_the_rest(document: Document, broken: Sequence[KeyPath]) -> list[Problem]:
    """What makes no sense in the drivers, values, terms and costs whose own form is in order.

    The others are taken out, and whatever then names one of them is not held against the file.
    """
    data = dict(document.data)
    lost: set[str] = set()
    for section, *rest in ((str(first), *rest) for first, *rest in broken):
        if section in _NAMED and rest and isinstance(data.get(section), dict):
            data[section] = {name: part for name, part in data[section].items() if name != rest[0]}
            lost |= {str(rest[0]), likely_name(str(rest[0])) or str(rest[0])}  # whoever reads it may write it as it should be
        elif section in _STAND_INS and rest[:1] != ["rates"]:
            data[section] = _STAND_INS[section]
        elif section not in Scenario.model_fields:
            misspelt = data.pop(str(section))
            lost.update(misspelt if isinstance(misspelt, dict) else ())
        else:
            return []  # without a calendar, a currency or the rates of others nothing else can be judged
    terms = {str(path[1]) for path in broken if path[0] == "contract" and len(path) > 1}
    try:
        _, found = _built(Scenario.model_validate(data), document, terms)
    except ValidationError:
        return []
    return [each for each in found if not any(re.search(rf"'{re.escape(str(name))}\b", each.message) for name in lost)]


_NAMED = ("drivers", "value", "lifecycle", "contract", "costs", "limits", "stress")
_STAND_INS: dict[str, Any] = {
    "title": "", "about": "", "money": {"discount_rate": "0% pa"}, "run": {}, "dependence": [], "customer": {}, "amendments": [],
    "approval": [],
    "tune": None,
}  # fmt: skip
