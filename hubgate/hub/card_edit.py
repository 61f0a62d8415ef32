"""One tag of a card set or cleared, with every other byte kept: order, comments, quotes, line ends, byte-order mark.

The change is worked out on the text and then proved: the card is read again, and nothing but the list of tags may
differ (HC §3, "Updating README metadata"). What cannot be changed so is refused, with the line and what to do by hand.
Setting and then clearing gives the same bytes, but for a `tags:` that is no list: an empty one is left out, and a text
stays the list of one that setting made of it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hubgate.hub.card.fence import LINE_END, find_block
from hubgate.hub.card.front_matter import NULL, Mapping, Node, Scalar, parse
from hubgate.hub.card.notes import quoted
from hubgate.hub.card.places import (
    DASH,
    KEY,
    NOT_UTF8,
    Front,
    Item,
    Tags,
    UneditableError,
    closing_fence,
    line_start,
    next_line,
)
from hubgate.hub.card.reader import read_card
from hubgate.hub.card.tags import NFAA_TAG, read_tags

TAG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
BYTE_ORDER_MARK = "\ufeff"
_AFTER_ITEM = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|\Z)")
_BARE_KEY = re.compile(r"[ ]*([\"']?)tags\1[ ]*:[ \t]*\Z")
_MOST_COPIES = 100  # of one tag in a list


class CardEditError(Exception):
    """The card cannot be changed safely. `message` says what stands in the way, on which `line` of the file (None: no
    single one), and what to do by hand."""

    def __init__(self, code: str, line: int | None, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.line = line
        self.message = message


def set_tag(card: bytes, tag: str = NFAA_TAG) -> bytes:
    """The README with `tag` among its tags; the same bytes where it is there already. A missing front matter is made.
    Raises CardEditError."""
    return _edited(card, tag, wanted=True)


def clear_tag(card: bytes, tag: str = NFAA_TAG) -> bytes:
    """The README without `tag`; the same bytes where it is not there. Raises CardEditError."""
    return _edited(card, tag, wanted=False)


def _edited(card: bytes, tag: str, *, wanted: bool) -> bytes:
    if not TAG.match(tag):
        raise ValueError(f"A tag has small letters, digits and single dashes, which {tag!r} has not.")
    seen = read_card(card)
    if seen.errors:
        first = seen.errors[0]
        raise CardEditError(
            first.code,
            first.line,
            f"The card cannot be read, so it is not changed. {first.message}{_then(tag, wanted)}",
        )
    if (tag in seen.tags) == wanted:
        return card
    text = card.decode("utf-8", "surrogateescape")
    try:
        front = Front.of(text)
    except UneditableError as error:
        raise CardEditError(error.code, error.line, error.message) from error
    if front is None:
        candidates = iter([_with_front_matter(text, tag)])
    else:
        candidates = _with_tag(front, tag) if wanted else _without_tag(front, tag)
    edited = next((each for each in candidates if _proves(text, each, tag, wanted)), None)
    if edited is None:
        line = front.tags.line if front is not None and front.tags is not None else None
        where = f"“{KEY}” on line {line} is written" if line else "The front matter is written"
        raise CardEditError(
            "not_editable",
            line,
            f"{where} in a way that hubgate does not change without touching more than the tag.{_then(tag, wanted)}",
        )
    return edited.encode("utf-8", "surrogateescape")


def _then(tag: str, wanted: bool) -> str:
    what = "write the tag" if wanted else "remove the tag"
    below = " on a line of its own after a dash, below “tags:”," if wanted else ""
    return f" Mend that in README.md on the Hub, or {what} {quoted(tag)}{below} there by hand."


def _with_front_matter(text: str, tag: str) -> str:
    """Front matter made for a card that has none, a blank line after it, by which clearing knows it again."""
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    body = text[len(mark) :]
    found = LINE_END.search(body)
    end = found[0] if found else "\n"
    return f"{mark}---{end}{KEY}:{end}- {tag}{end}---{end}{end}{body}"


def _with_tag(front: Front, tag: str) -> Iterator[str]:
    """How the tag can be put in, the best way first."""
    text, tags = front.text, front.tags
    if tags is None:
        for at in (front.end, front.start):
            end = _line_end_before(text, at)
            lines = f"{' ' * front.column}{KEY}:{end}{' ' * front.dash_column}- {tag}{end}"
            yield text[:at] + lines + text[at:]
    elif tags.shape == "empty":
        after = next_line(text, tags.key_start)
        yield text[:after] + f"{' ' * front.dash_column}- {tag}{_line_end_before(text, after)}" + text[after:]
    elif tags.shape == "text":
        written = text[tags.start : tags.end]
        first = "" if written in NULL or not written.strip("\"' ") else f"{written}, "
        yield f"{text[: tags.start]}[{first}{tag}]{text[tags.end :]}"
    elif tags.shape == "flow":
        at = tags.items[-1].end if tags.items else tags.start + 1
        yield text[:at] + (", " if tags.items else "") + tag + text[at:]
    elif tags.items[-1].simple:
        yield from _with_line(text, tags.items[-1], tag, below=True)
    else:  # the last one goes on over several lines
        yield from _with_line(text, tags.items[0], tag, below=False)


def _with_line(text: str, beside: Item, tag: str, *, below: bool) -> Iterator[str]:
    """A line below or above an entry of a block list, written like it."""
    line = line_start(text, beside.start)
    dash = DASH.search(text[line : beside.start])
    if dash is not None and (below or not set(dash[1]) - {" "}):
        at = next_line(text, beside.end) if below else line
        yield text[:at] + f"{' ' * len(dash[1])}-{dash[2]}{tag}{_line_end_before(text, at)}" + text[at:]


def _without_tag(front: Front, tag: str) -> Iterator[str]:
    """The text without any copy of the tag; with the last entry of a block list the key goes too, and with the last key
    the front matter that was made for it."""
    current: Front | None = front
    for _ in range(_MOST_COPIES):
        if current is None or current.tags is None:
            return
        text, tags = current.text, current.tags
        if tags.shape == "text":
            yield f"{text[: tags.start]}[]{text[tags.end :]}"
            return
        number = next((n for n, item in enumerate(tags.items) if item.text == tag), None)
        changed = _without_item(current, tags, number) if number is not None else None
        if changed is None:
            return
        yield changed  # where there is another copy, this one proves nothing
        current = Front.of(changed)


def _without_item(front: Front, tags: Tags, number: int) -> str | None:
    text, item = front.text, tags.items[number]
    if not item.simple:
        return None
    if tags.shape == "flow":
        return _without_flow_item(text, tags, number)
    line = line_start(text, item.start)
    after = _AFTER_ITEM.match(text, item.end)
    if after is None or not re.fullmatch(r"[ ]*-[ \t]+", text[line : item.start]):
        return None
    if len(tags.items) > 1:
        return text[:line] + text[after.end() :]
    key_line = line_start(text, tags.key_start)
    key_ends = LINE_END.search(text, tags.key_start)
    if key_ends is None or not _BARE_KEY.match(text[key_line : key_ends.start()]) or key_ends.end() != line:
        return text[:line] + text[after.end() :]
    if (made := _made_for(front, key_line, after.end())) is not None:
        return made
    return text[:key_line] + text[after.end() :]


def _made_for(front: Front, start: int, end: int) -> str | None:
    """The text without its front matter, where that is what `_with_front_matter` writes."""
    text = front.text
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    found = LINE_END.search(text)
    if found is None or (start, end) != (front.start, front.end):
        return None
    tags = front.text[start:end]
    body = LINE_END.split(tags)
    if len(body) != 3 or body[0] != f"{KEY}:" or not body[1].startswith("- ") or body[2]:
        return None
    head = f"{mark}---{found[0]}{tags}---{found[0]}{found[0]}"
    return mark + text[len(head) :] if text.startswith(head) else None


def _without_flow_item(text: str, tags: Tags, number: int) -> str:
    """An entry of a flow list taken out with one comma beside it, and its line where it has one of its own."""
    item = tags.items[number]
    if number and not LINE_END.search(text, tags.items[number - 1].end, item.start):
        return text[: tags.items[number - 1].end] + text[item.end :]
    comma = re.compile(r"[ \t]*,[ \t]*").match(text, item.end)
    end = comma.end() if comma else item.end
    line = line_start(text, item.start)
    after = _AFTER_ITEM.match(text, end)
    if after is not None and not text[line : item.start].strip() and line > tags.start:
        return text[:line] + text[after.end() :]
    return text[: item.start] + text[end:]


def _proves(before: str, after: str, tag: str, wanted: bool) -> bool:
    """Whether the Hub reads the same from both but for the tag, and the body is untouched."""
    old, old_body = _reading(before)
    new, new_body = _reading(after)
    if old is None or new is None or old_body != new_body:
        return False
    had, has = _texts(old), _texts(new)
    rest = [text for text in had if text != tag]
    if [_plain(pair) for pair in _others(old)] != [_plain(pair) for pair in _others(new)]:
        return False
    return has == ([*had, tag] if wanted else rest) or (wanted and has == [tag, *had])


def _reading(text: str) -> tuple[Mapping | None, str]:
    """The map of a card's front matter, an empty one where it has none, and the text after it without the blank lines
    between."""
    block, _ = find_block(text.translate(NOT_UTF8))
    if block is None:
        return Mapping(1), text.removeprefix(BYTE_ORDER_MARK).lstrip("\r\n")
    return parse(block)[0], text[next_line(text, closing_fence(text, block)) :].lstrip("\r\n")


def _texts(root: Mapping) -> list[str]:
    return [tag.text for tag in read_tags(root.get(KEY), [])]


def _others(root: Mapping) -> list[tuple[Node, Node]]:
    """All that is in the front matter but single tags: what stands in the list of tags and is no text counts."""
    pairs = [(key, value) for key, value in root.pairs if not (isinstance(key, Scalar) and key.text == KEY)]
    tags = root.get(KEY)
    odd = [item for item in getattr(tags, "items", []) if not isinstance(item, Scalar)]
    return pairs + [(item, item) for item in odd]


def _plain(node: Node | tuple[Node, Node]) -> object:
    """A node as plain data, without its lines."""
    if isinstance(node, Scalar):
        return node.text, node.plain
    if isinstance(node, tuple):
        return _plain(node[0]), _plain(node[1])
    if isinstance(node, Mapping):
        return {"pairs": [_plain(pair) for pair in node.pairs]}
    return [_plain(item) for item in node.items]


def _line_end_before(text: str, place: int) -> str:
    """How the line above a place ends."""
    return "\r\n" if text[place - 2 : place] == "\r\n" else "\r" if text[place - 1 : place] == "\r" else "\n"
