"""Guarding: what guardrails, rollout gates and canaries say at one look, and what is to be done about it."""
