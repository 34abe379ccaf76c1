"""Files: what was announced, what was uploaded, and where it was shared."""

import mimetypes
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError


@dataclass
class StoredFile:
    """One file; it can be used once its bytes are here, the upload was completed, and it was taken in, which is seen
    after so many more looks at it."""

    id: str
    name: str
    user: str
    created: int
    title: str = ""
    alt_text: str = ""
    length: int = 0
    content: bytes | None = None
    complete: bool = False
    looks: int = 0
    channels: list[str] = field(default_factory=list)

    @property
    def mimetype(self) -> str:
        """Guessed from the name, as Slack does."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def describe(self, base: str) -> Json:
        """Slack's file object."""
        safe = PurePosixPath(self.name).name or "file"
        suffix = PurePosixPath(safe).suffix.lstrip(".").lower() or "binary"
        url = f"{base}/files/{self.id}/{safe}"
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": "" if self.looks else self.mimetype,
            "filetype": "" if self.looks else suffix,
            "pretty_type": "" if self.looks else suffix.upper(),
            "user": self.user,
            "size": self.length,
            "mode": "hosted",
            "is_external": False,
            "url_private": url,
            "url_private_download": url,
            "permalink": url,
            "alt_txt": self.alt_text,
            "channels": list(self.channels),
            "file_access": "visible",
        }


class FileStore:
    """All files of the workspace and the open upload tickets."""

    def __init__(self) -> None:
        self.looks = 0
        """How many looks at an uploaded file find that it is not taken in yet, as when Slack has much to scan."""
        self._files: dict[str, StoredFile] = {}
        self._tickets: dict[str, str] = {}

    def announce(self, name: str, length: int, user: str, now: datetime, alt_text: str = "") -> tuple[StoredFile, str]:
        """A file that is about to come, and the ticket to upload it with."""
        file_id = f"F0{secrets.token_hex(5).upper()}"
        stored = StoredFile(file_id, name, user, int(now.timestamp()), "", alt_text, length, looks=self.looks)
        self._files[file_id] = stored
        ticket = secrets.token_urlsafe(18)
        self._tickets[ticket] = file_id
        return stored, ticket

    def receive(self, ticket: str, content: bytes) -> StoredFile:
        """The bytes of an announced file."""
        if ticket not in self._tickets:
            raise SlackError("invalid_upload_ticket")
        stored = self._files[self._tickets[ticket]]
        if len(content) != stored.length:
            raise SlackError("length_mismatch")
        stored.content = content
        del self._tickets[ticket]
        return stored

    def add(self, name: str, content: bytes, user: str, now: datetime) -> StoredFile:
        """A file that a person uploads through the page."""
        stored, ticket = self.announce(name, len(content), user, now)
        self.receive(ticket, content)
        stored.complete, stored.looks = True, 0
        return stored

    def uploaded(self, file_id: str) -> StoredFile:
        """A file whose bytes have arrived."""
        stored = self._files.get(file_id)
        if stored is None or stored.content is None:
            raise SlackError("file_not_found")
        return stored

    def get(self, file_id: str) -> StoredFile:
        """A file whose upload was completed."""
        stored = self.uploaded(file_id)
        if not stored.complete:
            raise SlackError("file_not_found")
        return stored

    def delete(self, file_id: str) -> None:
        """Forget a file."""
        self.get(file_id)
        del self._files[file_id]

    def image(self, reference: Json) -> StoredFile | None:
        """The complete image that a `slack_file` object names, by id or by its private URL."""
        file_id = reference.get("id") or next(
            (part for part in str(reference.get("url", "")).split("/") if part in self._files), ""
        )
        stored = self._files.get(str(file_id))
        if stored is None or not stored.complete or stored.looks or not stored.mimetype.startswith("image/"):
            return None
        return stored
