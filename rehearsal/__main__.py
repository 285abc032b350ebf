"""`python -m rehearsal`: days at random, until they are over or a law is broken."""

import sys

from rehearsal.day import Plan, play
from rehearsal.stage import open_house


def main() -> int:
    with open_house() as engines:
        for seed in map(int, sys.argv[1:] or ["1"]):
            tally = play(engines, Plan(), seed=seed)
            print(seed, f"{tally.seconds:.1f}", tally.replayable())
            for w in tally.wrong: print("WRONG", w)
    return 0


if __name__ == "__main__":
    sys.exit(main())
