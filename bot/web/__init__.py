"""HTTP: what comes in from Slack."""
