"""The folder of a round and what is kept in it: settings, roster, originals, ledger."""
