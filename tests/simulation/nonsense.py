"""Stories told in nonsense: `python -m tests.simulation.nonsense SEED…` prints their values, and those with each plant.

With `--plain` the sentences stay.
"""

from __future__ import annotations

import argparse
import json

from tests.support import nonsense


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--plants", type=int, help="the seed of the stories with plants")
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
    if options.plants:
        found |= {name: values(options.plants, storage, plant) for name, plant in PLANTS.items()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
