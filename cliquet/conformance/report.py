"""The result of a run: a table of sections, then a list of what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TextIO

from cliquet.conformance.sections import document

__all__ = ["Finding", "Ledger", "Verdict"]

Verdict = str
CONFORMING: Final[Verdict] = "conforming"
FAILING: Final[Verdict] = "failing"
SKIPPED: Final[Verdict] = "skipped"
VERDICTS: Final = (CONFORMING, FAILING, SKIPPED)


@dataclass(frozen=True)
class Finding:
    """What became of one case.

    :param case: the case's name, a sentence.
    :param reason: in one sentence, why it failed or was skipped.
    """

    section: str
    case: str
    verdict: Verdict
    reason: str = ""


@dataclass
class Ledger:
    """The findings of a run, in order."""

    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Note a finding."""
        self.findings.append(finding)

    def of(self, verdict: Verdict) -> Sequence[Finding]:
        """The findings of one kind."""
        return [finding for finding in self.findings if finding.verdict == verdict]

    def write(self, sections: Sequence[str], report: TextIO) -> None:
        """Print the table of the sections, then each failing and each skipped case with its section and reason."""
        report.write(self._table(sections))
        for verdict in (FAILING, SKIPPED):
            report.write("".join(_entry(finding, verdict) for finding in self.of(verdict)))

    def _table(self, sections: Sequence[str]) -> str:
        counts = Counter((finding.section, finding.verdict) for finding in self.findings)
        rows = [(name, *(counts[name, verdict] for verdict in VERDICTS)) for name in sections]
        total = ("total", *(len(self.of(verdict)) for verdict in VERDICTS))
        lines = [f"{'docs/protocol section':36}" + "".join(f"{verdict:>12}" for verdict in VERDICTS)]
        lines += [f"{name:36}" + "".join(f"{count:>12}" for count in numbers) for name, *numbers in (*rows, total)]
        return "\n".join(lines) + "\n"


def _entry(finding: Finding, verdict: Verdict) -> str:
    return f"\n{verdict.upper()} {finding.case}\n    {document(finding.section)}\n    {finding.reason}\n"
