"""`make bench NAME=serving`: measure one area, print its figures, keep them as JSON."""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NOT_AREAS = ("__init__", "__main__")


def main(arguments: list[str]) -> int:
    """Measure; return 1 if a bar does not hold, 2 for an unknown area."""
    areas = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_AREAS)
    if len(arguments) != 1 or arguments[0] not in areas:
        print(f"usage: make bench NAME={'|'.join(areas)}")
        return 2
    name = arguments[0]
    figures = []
    for figure in map(_with_bar, import_module(f"benchmarks.{name}").run()):
        mark = "ok" if figure["holds"] else "MISSED"
        measured = f"{figure['value']:>12} {figure['unit']:4} {figure['bar']:10}"
        print(f"{mark:6} {measured} {figure['figure']}", flush=True)
        figures.append(figure)
    path = HERE / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n")
    return 0 if all(figure["holds"] for figure in figures) else 1


def _with_bar(figure: dict[str, Any]) -> dict[str, Any]:
    """Write the bar as people do; figures without one are there to compare with."""
    bar = figure.get("bar")
    if isinstance(bar, int | float):
        figure["bar"] = f"<= {bar}"
    return {**figure, "bar": figure.get("bar") or ""}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
