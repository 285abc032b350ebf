"""Money that was paid to the paybill without a prompt."""
