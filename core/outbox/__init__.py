"""Work for the network and for later, written in the transaction that asks for it."""
