"""What the sandbox answers when it refuses, in Slack's words."""

from typing import Any


class SlackError(Exception):
    """A refusal: Slack's error code, messages that name the path, and further fields of the answer."""

    def __init__(self, code: str, *messages: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = list(messages)
        self.more = more

    @property
    def words(self) -> str:
        """The refusal for a person to read."""
        return str(self.more.get("detail") or "; ".join(self.messages) or self.code.replace("_", " "))

    def answer(self) -> dict[str, Any]:
        """The body of the Web API's answer."""
        body: dict[str, Any] = {"ok": False, "error": self.code, **self.more}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body


class RateLimited(Exception):
    """Too many calls: HTTP 429 with `Retry-After`."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after
