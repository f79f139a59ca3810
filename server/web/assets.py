"""Addresses of built scripts, styles and pictures, from the manifest that Vite writes."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

STATIC_PATH = Path(__file__).resolve().parent.parent / "static"
MANIFEST_PATH = STATIC_PATH / ".vite" / "manifest.json"
ICON_URL = "/static/icon.svg"  # from frontend/public


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the build: its script, its styles, and the scripts these import."""

    script: str = ""
    styles: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


def vite_entry(name: str) -> Entry:
    """Return the addresses for an entry such as "src/player.ts"; empty when nothing is built."""
    manifest = _manifest()
    if name not in manifest:
        return Entry()
    chunks = _with_imports(manifest, name)
    styles = dict.fromkeys(css for chunk in chunks for css in chunk.get("css", ()))
    script, *imports = [_address(chunk["file"]) for chunk in chunks]
    return Entry(script, tuple(_address(css) for css in styles), tuple(imports))


def built_address(source: str) -> str:
    """Return the address of a file of frontend/ that is built as it is; empty when nothing is."""
    chunk = _manifest().get(source)
    return _address(chunk["file"]) if chunk else ""


def _with_imports(manifest: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the entry's chunk first, then each chunk that it imports, once."""
    seen = {name: manifest[name]}
    waiting = [name]
    while waiting:
        for imported in manifest[waiting.pop()].get("imports", ()):
            if imported not in seen:
                seen[imported] = manifest[imported]
                waiting.append(imported)
    return list(seen.values())


def _address(file: str) -> str:
    return f"/static/{file}"


def _manifest() -> dict[str, Any]:
    try:
        return _read(MANIFEST_PATH.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


@lru_cache(maxsize=2)
def _read(_changed_ns: int) -> dict[str, Any]:
    """Read again only when a new build was made."""
    manifest: dict[str, Any] = json.loads(MANIFEST_PATH.read_text())
    return manifest
