"""A process that settles one market in small chunks, for tests that kill it.

Run as `python -m tests.core.markets.settler URL MARKET LINES`.
"""

import sys

from core.database import in_transaction, open_database
from core.markets.settle_market import begin_settlement, finish_settlement, settle_chunk


def main(url: str, market_id: int, lines: int) -> None:
    database = open_database(url)
    in_transaction(database, lambda c: begin_settlement(c, market_id=market_id))
    while in_transaction(database, lambda c: settle_chunk(c, market_id=market_id, limit=lines)):
        pass
    in_transaction(database, lambda c: finish_settlement(c, market_id=market_id))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
