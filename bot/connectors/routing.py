"""Where traffic is sent: nothing that serves variants is connected."""

from __future__ import annotations


class NotConnected:
    """Whoever routes the traffic does so by hand, as the card says."""

    connected = False
