"""Stories told in nonsense: `python -m tests.simulation.nonsense SEED…` prints their values.

`--plant NAME SEED` adds those of a story with a plant. With `--plain` the sentences stay.
"""

from __future__ import annotations

import argparse
import json

from tests.support import nonsense


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--plant", nargs=2, action="append", default=[], help="a plant's name and its seed")
    parser.add_argument("--plain", action="store_true")
    options = parser.parse_args()
    if not options.plain:
        nonsense.install()
    # The product is imported once its sentences are nonsense.
    from tests.simulation.plants import PLANTS
    from tests.simulation.storage import Storage
    from tests.simulation.values import values

    storage = Storage()
    found: dict[str, object] = {str(seed): values(seed, storage) for seed in options.seeds}
    found |= {name: values(int(seed), storage, PLANTS[name]) for name, seed in options.plant}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
