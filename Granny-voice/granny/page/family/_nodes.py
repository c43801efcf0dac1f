"""Elements of HTML and SVG, with whatever stands in them escaped."""

from __future__ import annotations

from xml.etree import ElementTree as ET

Element = ET.Element


def node(name: str, *content: str | Element | None, **attributes: str | float) -> Element:
    """An element with this in it; nothing stands for None.

    Args:
        name: the tag.
        *content: texts and elements, in their order.
        **attributes: a _ at the end is left out (`class_`), another becomes a hyphen (`aria_label`).
    """
    made = ET.Element(name, {_attribute(key): _value(value) for key, value in attributes.items()})
    for part in content:
        if isinstance(part, str):
            _append_text(made, part)
        elif part is not None:
            made.append(part)
    return made


def markup(*elements: Element | None) -> str:
    """As a browser reads it."""
    return "".join(ET.tostring(one, "unicode", "html") for one in elements if one is not None)


def _append_text(to: Element, text: str) -> None:
    if len(to):
        to[-1].tail = (to[-1].tail or "") + text
    else:
        to.text = (to.text or "") + text


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
