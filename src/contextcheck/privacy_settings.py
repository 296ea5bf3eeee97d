"""The key privacy: of contextcheck.yaml: pseudonyms, and how many customers must share a story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextcheck.yamlio.fields import Fields

LEAST_STORY_K = 20


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """Environment variable that holds the key of pseudonyms; fewest customers that may share a story.

    Fewer than 20 are refused unless `allow_small_stories` says so.
    """

    pseudonym_key_env: str = "CONTEXTCHECK_KEY"
    story_k: int = 20
    allow_small_stories: bool = False


def read_privacy(top: Fields) -> PrivacySettings:
    """Read the key privacy:; every problem is collected in the fields."""
    table = top.mapping("privacy")
    if table is None:
        return PrivacySettings()
    privacy = PrivacySettings(
        table.text("pseudonym_key_env", "CONTEXTCHECK_KEY"),
        table.whole("story_k", 20, low=2),
        table.boolean("allow_small_stories", default=False),
    )
    if privacy.story_k < LEAST_STORY_K and not privacy.allow_small_stories:
        message = (
            f"story_k is {privacy.story_k}: a journey that fewer than {LEAST_STORY_K} customers share can point at "
            "persons; write 20 or more, or set privacy.allow_small_stories: true"
        )
        table.problem("104", table.place("story_k"), message)
    table.finish()
    return privacy
