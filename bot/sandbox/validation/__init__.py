"""What Slack would refuse: strict checks of blocks, views and option lists."""

from bot.sandbox.validation.blocks import check_blocks, check_options
from bot.sandbox.validation.views import check_view

__all__ = ["check_blocks", "check_options", "check_view"]
