"""A local Slack-compatible workspace with its page, for a newcomer's browser and for the tests."""
