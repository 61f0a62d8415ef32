"""The icon set: outlines on a 24-pixel grid, in the text's colour. The one place where a shape is written down."""

from __future__ import annotations

ICONS: dict[str, str] = {
    "account": '<circle cx="12" cy="8" r="4"/><path d="M4 20c1-4 4-6 8-6s7 2 8 6"/>',
    "alert": '<path d="M12 4 2.5 20h19z"/><path d="M12 10v4.5M12 17.3v.2"/>',
    "archive": '<path d="M4 8h16v12H4zM3 4h18v4H3zM10 12h4"/>',
    "arrow-left": '<path d="M19 12H5M11 6l-6 6 6 6"/>',
    "arrow-right": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "audit": '<path d="M6 3h9l4 4v14H6z"/><path d="M9 12h7M9 16h7"/>',
    "bell": '<path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15z"/><path d="M10 20.5h4"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "chevron-down": '<path d="m6 9.5 6 6 6-6"/>',
    "circle": '<circle cx="12" cy="12" r="8"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>',
    "cloud": '<path d="M7 18h10a4 4 0 0 0 .5-8A6 6 0 0 0 6 11a3.5 3.5 0 0 0 1 7z"/>',
    "cloud-off": (
        '<path d="M3 3l18 18"/>'
        '<path d="M9.5 6.1A6 6 0 0 1 17.5 10a4 4 0 0 1 2.6 6.6M6.5 8.7 6 11a3.5 3.5 0 0 0 1 7h10"/>'
    ),
    "cross": '<path d="M6 6l12 12M18 6 6 18"/>',
    "eye-off": (
        '<path d="M3 3l18 18"/><path d="M10.6 5.1A10.9 10.9 0 0 1 12 5c6 0 9.5 7 9.5 7a17 17 0 0 1-3.3 4.1'
        'M6.5 6.6C3.9 8.3 2.5 12 2.5 12S6 19 12 19c1.7 0 3.2-.5 4.5-1.3"/>'
    ),
    "external": '<path d="M14 4h6v6M20 4l-9 9M18 14v6H4V6h6"/>',
    "history": '<path d="M4 12a8 8 0 1 1 2.5 5.8M4 12V7M4 12h5"/><path d="M12 8v4l3 2"/>',
    "inbox": '<path d="M3 13h5l1.5 3h5L16 13h5"/><path d="M5 5h14l2 8v6H3v-6z"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5M12 7.8v.2"/>',
    "keyboard": (
        '<rect x="2.5" y="6" width="19" height="12" rx="1.5"/>'
        '<path d="M6.5 10h.01M10 10h.01M14 10h.01M17.5 10h.01M8 14h8"/>'
    ),
    "lock": '<rect x="5" y="11" width="14" height="9" rx="1.5"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "mail": '<rect x="3" y="5" width="18" height="14" rx="1.5"/><path d="m3.5 6 8.5 7 8.5-7"/>',
    "menu": '<path d="M4 6h16M4 12h10M4 18h6"/>',
    "moon": '<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"/>',
    "operations": '<path d="M3 12h4l3-7 4 14 3-7h4"/>',
    "organisation": '<path d="M4 20V7l8-4 8 4v13"/><path d="M9 20v-6h6v6"/>',
    "pause": '<path d="M9 6v12M15 6v12"/>',
    "people": (
        '<circle cx="9" cy="8" r="3.5"/>'
        '<path d="M2.5 19c.8-3.5 3.3-5 6.5-5s5.7 1.5 6.5 5M16 5a3.5 3.5 0 0 1 0 6.5'
        'M18 14.5c2 .7 3.1 2.2 3.5 4.5"/>'
    ),
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "repository": '<path d="M5 4h13v16H7a2 2 0 0 1-2-2z"/><path d="M5 17a2 2 0 0 1 2-2h11"/>',
    "retry": '<path d="M20 12a8 8 0 1 1-2.5-5.8M20 4v5h-5"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>',
    "settings": (
        '<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.5"/><circle cx="8" cy="17" r="2.5"/>'
    ),
    "sign-out": '<path d="M14 4H5v16h9M10 12h11M17 8l4 4-4 4"/>',
    "stairs": '<path d="M3 20h5v-5h5v-5h5V5h3"/>',
    "sun": (
        '<circle cx="12" cy="12" r="4"/>'
        '<path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4'
        'M17.3 6.7l1.4-1.4"/>'
    ),
    "system": '<rect x="3" y="4.5" width="18" height="12" rx="1.5"/><path d="M9 20h6"/>',
    "tag": '<path d="M3 12V4h8l10 10-8 8z"/><circle cx="7.5" cy="8.5" r="1.2"/>',
    "undo": '<path d="M8 5 4 9l4 4"/><path d="M4 9h10a5.5 5.5 0 0 1 0 11h-3"/>',
    "unlock": '<rect x="5" y="11" width="14" height="9" rx="1.5"/><path d="M8 11V8a4 4 0 0 1 7.7-1.5"/>',
    "withdrawn": '<circle cx="12" cy="12" r="9"/><path d="M8 12h8"/>',
}
