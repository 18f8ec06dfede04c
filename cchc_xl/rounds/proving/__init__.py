"""Proof that nothing is lost or altered, and the archive pack."""
