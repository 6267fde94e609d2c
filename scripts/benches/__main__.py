"""Run benchmarks, print their tables and, as the last line, one JSON object of all figures."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys

import scripts.benches


def main(names: list[str]) -> int:
    known = sorted(module.name for module in pkgutil.iter_modules(scripts.benches.__path__) if module.name[0] != "_")
    if unknown := set(names) - set(known):
        print(f"bench: no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    figures: dict[str, object] = {}
    for name in names or known:
        print(f"== {name}", flush=True)
        figures |= importlib.import_module(f"scripts.benches.{name}").measure()
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
