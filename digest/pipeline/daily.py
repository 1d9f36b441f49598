"""The daily job: its stages in order, and its row in the ledger of runs."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any, Protocol

from digest.errors import DigestError, StoreError
from digest.pipeline import exit_code, most_serious
from digest.store import Store


class Report(Protocol):
    @property
    def exit_code(self) -> int: ...

    def document(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Failed:
    """A stage that could not be done, and why in one line."""

    error: str
    exit_code: int

    def document(self) -> dict[str, Any]:
        return {"error": self.error}


Stages = Mapping[str, Callable[[], Report]]


def run(stages: Stages, stop: Event) -> dict[str, Report]:
    """Return each stage's report by name; a stage that fails does not stop the rest.

    Only when the database fails the rest is given up, as no stage can do without it, and when
    `stop` is set.
    """
    reports: dict[str, Report] = {}
    for name, stage in stages.items():
        if stop.is_set():
            break
        try:
            reports[name] = stage()
        except DigestError as error:
            reports[name] = Failed(str(error), exit_code(error))
            if isinstance(error, StoreError):
                break
    return reports


def recorded(
    store: Store,
    run_id: int,
    stages: Stages,
    clock: Callable[[], datetime],
    stop: Event,
    *,
    repeat: bool = False,
) -> dict[str, Report]:
    """Run the stages and write down in the ledger how it went.

    With `repeat` a run in which a stage failed, or a part of one, or that was stopped before its
    last one, stays open, to be claimed again.
    """
    reports = run(stages, stop)
    documents = {name: report.document() for name, report in reports.items()}
    failed = any("error" in document for document in documents.values())
    failed = failed or len(reports) < len(stages)
    ended = None if repeat and failed else clock()
    # Where the store fails here too, the run stays open, and the reports are told all the same.
    with suppress(StoreError), store.writing() as shelves:
        shelves.runs.note(run_id, worst(reports.values()), documents, ended)
    return reports


def worst(reports: Iterable[Report]) -> int:
    return most_serious(report.exit_code for report in reports)
