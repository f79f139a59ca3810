"""imsmanifest.xml of SCORM packages → what can be started in it, and by which rules."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from media_pipeline.errors import MediaRejected
from media_pipeline.zips import folded

MOST_LAUNCHES = 300
LONGEST_TITLE = 300
DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Launch:
    """One thing to start: its title ("" where the package names none), its path with a query."""

    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a SCORM manifest says: "scorm12" or "scorm2004", and its launches in order."""

    form: str
    title: str
    launches: tuple[Launch, ...]


@dataclass(frozen=True, slots=True)
class _Resource:
    href: str
    is_sco: bool


def read_manifest(content: bytes, paths: Iterable[str]) -> Manifest:
    """Return the items of the organisation, or, where it gives none, the launchable resources.

    Only what is among `paths` (relative to the manifest) is launchable. Raises MediaRejected
    package_manifest_broken.
    """
    try:
        root = fromstring(content, forbid_dtd=False)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise MediaRejected("package_manifest_broken", str(error)) from error
    known = {folded(path): path for path in paths}
    resources = _resources(root)
    organisation = _organisation(root)
    items = list(_items(organisation, resources, known)) if organisation is not None else []
    launches = items or list(_launchable(resources.values(), known))
    return Manifest(_form(root, content), _title(organisation), tuple(launches[:MOST_LAUNCHES]))


def _form(root: Element, content: bytes) -> str:
    version = " ".join(_text(each) for each in _all(root, "schemaversion")).casefold()
    if "2004" in version or "cam 1.3" in version or version.strip() == "1.3":
        return "scorm2004"
    if version.strip():
        return "scorm12"
    return "scorm2004" if b"adlcp_v1p3" in content else "scorm12"


def _resources(root: Element) -> dict[str, _Resource]:
    found = {}
    for group in _all(root, "resources"):
        for number, resource in enumerate(_children(group, "resource")):
            href = _attribute(resource, "href")
            href = _base(group) + _base(resource) + href if href else ""
            kind = _attribute(resource, "scormtype").casefold()
            name = _attribute(resource, "identifier") or f" {number}"
            found[name] = _Resource(href, kind == "sco")
    return found


def _organisation(root: Element) -> Element | None:
    """Return the default organisation, else the first."""
    for group in _all(root, "organizations"):
        all_of_them = list(_children(group, "organization"))
        default = _attribute(group, "default")
        named = [each for each in all_of_them if _attribute(each, "identifier") == default]
        if all_of_them:
            return (named or all_of_them)[0]
    return None


def _items(
    parent: Element, resources: dict[str, _Resource], known: dict[str, str], depth: int = 0
) -> Iterator[Launch]:
    for item in _children(parent, "item"):
        resource = resources.get(_attribute(item, "identifierref"))
        if resource and (path := _inside(resource.href, known)):
            yield Launch(_title(item), path + _query(resource.href, item))
        if depth < DEEPEST:
            yield from _items(item, resources, known, depth + 1)


def _launchable(resources: Iterable[_Resource], known: dict[str, str]) -> Iterator[Launch]:
    """Yield the resources that are meant to be started; where none says so, all with a page."""
    with_pages = [(each, _inside(each.href, known)) for each in resources]
    scos = [(each, path) for each, path in with_pages if path and each.is_sco]
    for resource, path in scos or [(each, path) for each, path in with_pages if path]:
        yield Launch("", path + _query(resource.href, None))


def _inside(href: str, known: dict[str, str]) -> str:
    """Return the package's own spelling of a path; "" for what is elsewhere or missing."""
    parts = urlsplit(href.replace("\\", "/"))
    if parts.scheme or parts.netloc:
        return ""
    path = parts.path.removeprefix("./").lstrip("/")
    return known.get(folded(unquote(path)), "") or known.get(folded(path), "")


def _query(href: str, item: Element | None) -> str:
    """Return query and fragment of a resource and its item's parameters, as SCORM joins them."""
    parts = urlsplit(href)
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    parameters = _attribute(item, "parameters").lstrip("?&") if item is not None else ""
    if parameters.startswith("#"):
        return query + (fragment or parameters)
    if parameters:
        query = f"{query}&{parameters}" if query else f"?{parameters}"
    return query + fragment


def _base(element: Element) -> str:
    """Return the element's xml:base, as a folder."""
    base = element.get("{http://www.w3.org/XML/1998/namespace}base", "").strip()
    return f"{base.rstrip('/')}/" if base else ""


def _title(element: Element | None) -> str:
    if element is None:
        return ""
    titles = [_text(each) for each in _children(element, "title")]
    return " ".join(titles[0].split())[:LONGEST_TITLE] if titles else ""


def _text(element: Element) -> str:
    return "".join(element.itertext()).strip()


def _attribute(element: Element, name: str) -> str:
    """Return an attribute of any namespace: manifests use several, and several spellings."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2].casefold() == name:
            return value.strip()
    return ""


def _children(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if _is_named(child, name))


def _all(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if _is_named(element, name))


def _is_named(element: Element, name: str) -> bool:
    return isinstance(element.tag, str) and element.tag.rpartition("}")[2].casefold() == name
