"""One benchmark's result: a table for people, one JSON object for scripts, and whether what was asked is reached."""

import json
import os
import platform
from dataclasses import dataclass, field


@dataclass
class Report:
    """`figures` and `ratios` as measured; `asked` holds, by the same name, the most (or, beginning with ">=", least) that is allowed."""

    name: str
    seed: int = 0
    valid: bool = True
    figures: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def missed(self) -> list[str]:
        """Names of what was asked and is not reached."""
        return [name for name, bound in self.asked.items() if not _within(self._value(name), bound)]

    @property
    def exit_code(self) -> int:
        """0 reached, 1 not reached, 3 the run itself was invalid."""
        if not self.valid:
            return 3
        return 1 if self.missed else 0

    def as_json(self) -> str:
        """The object that scripts read."""
        machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
        content = {"name": self.name, "valid": self.valid, "figures": self.figures, "ratios": self.ratios, "asked": self.asked}
        return json.dumps({**content, "remarks": self.remarks, "seed": self.seed, "machine": machine})

    def as_table(self) -> str:
        """The table that people read."""
        lines = [f"{self.name}{'' if self.valid else '  (invalid run)'}"]
        for name, value in {**self.figures, **self.ratios}.items():
            bound = self.asked.get(name, "")
            verdict = "" if not bound else ("reached" if _within(value, bound) else "MISSED")
            lines.append(f"  {name:<44} {value:>12.2f}  {bound:>10}  {verdict}")
        return "\n".join(lines + [f"  {remark}" for remark in self.remarks])

    def _value(self, name: str) -> float:
        return self.figures[name] if name in self.figures else self.ratios[name]


def _within(value: float, bound: str) -> bool:
    sign, limit = bound.split()
    return value <= float(limit) if sign == "<=" else value >= float(limit)


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]
