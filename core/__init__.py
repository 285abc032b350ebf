"""The business: players, wallets, markets and the ledger; knows no edge and no vendor."""
