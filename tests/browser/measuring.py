"""What is wrong with a screen for somebody over eighty, as a browser has laid it out: sizes, gaps, contrasts, edges."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the group `browser` is not everybody's
    from playwright.async_api import Page

_MEASURE = Path(__file__).with_name("measuring.js").read_text(encoding="utf-8")
RULES = {
    "main": "#talk",
    "mainSide": 190,  # 30 mm on a telephone
    "side": 100,  # 16 mm
    "gap": 20,  # 3 mm
    "text": 19,
    "captions": "#captions .turn span",
    "captionText": 28,
    "lineLength": 40,
    "contrast": 7,
    "edge": 3,
    "atOnce": "#talk, #mend, #hangup",
}
"""CSS pixels, characters and WCAG's contrast ratios; what stands for them: Sesto and Irwin 2013 and Yeh 2025 for the
buttons, GOV.UK for the text, Yeh 2020 for the captions, WCAG 1.4.6 and 1.4.11 for the contrasts."""
UNSEEN = {**RULES, "atOnce": ":not(*)"}
"""The same where one may have to scroll."""


async def complaints(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    """What is wrong with what the page shows now."""
    found: list[str] = await page.evaluate(_MEASURE, rules)
    return found
