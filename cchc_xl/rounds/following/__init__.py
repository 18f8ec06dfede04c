"""How a round goes: status, notes, explanations accepted, findings of all units, the report's own stages."""
