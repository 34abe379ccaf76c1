"""Simulated visitors of an application: people with true effects, who are assigned over OFREP and send events."""
