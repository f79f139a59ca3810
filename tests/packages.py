"""Packages for tests: real ones, small, made on the spot."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

Files = Mapping[str, str | bytes]

# A page that asks where it was, counts on, and gives what it was told to: as real content does.
SCO_12 = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>บทที่ 1</title>
<script>
function find(win) {
  var tries = 0;
  while (!win.API && win.parent && win.parent !== win && tries++ < 7) win = win.parent;
  return win.API;
}
var api = find(window);
function begin() {
  var ok = api.LMSInitialize('');
  var was = api.LMSGetValue('cmi.suspend_data');
  document.getElementById('was').textContent = ok + '/' + api.LMSGetValue('cmi.core.entry') +
    '/' + was + '/' + api.LMSGetValue('cmi.core.score.raw');
}
function answer() {
  api.LMSSetValue('cmi.suspend_data', 'หน้า 3');
  api.LMSSetValue('cmi.core.score.raw', '80');
  api.LMSSetValue('cmi.core.score.max', '100');
  api.LMSSetValue('cmi.core.lesson_status', 'passed');
  document.getElementById('done').textContent = api.LMSCommit('') + '/' + api.LMSGetLastError();
}
window.addEventListener('pagehide', function () {
  api.LMSSetValue('cmi.core.lesson_location', 'ท้าย'); api.LMSFinish('');
});
</script></head>
<body onload="begin()"><h1>บทที่ 1</h1><p id="was"></p>
<button id="answer" onclick="answer()">ตอบ</button><p id="done"></p></body></html>
"""
SCO_2004 = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>SCO</title>
<script>
function scan(win) {
  var tries = 0;
  while (win.API_1484_11 == null && win.parent != null && win.parent != win && tries++ < 500)
    win = win.parent;
  return win.API_1484_11;
}
var api = (window.parent != null && window.parent != window) ? scan(window.parent) : null;
function begin() {
  var ok = api.Initialize('');
  document.getElementById('was').textContent = ok + '/' + api.GetValue('cmi.entry') +
    '/' + api.GetValue('cmi.suspend_data') + '/' + api.GetValue('cmi.score.scaled');
}
function answer() {
  api.SetValue('cmi.suspend_data', 'หน้า 5');
  api.SetValue('cmi.score.scaled', '0.75');
  api.SetValue('cmi.completion_status', 'completed');
  api.SetValue('cmi.success_status', 'passed');
  document.getElementById('done').textContent = api.Commit('') + '/' + api.GetLastError();
}
window.addEventListener('pagehide', function () { api.Terminate(''); });
</script></head>
<body onload="begin()"><p id="was"></p>
<button id="answer" onclick="answer()">ตอบ</button><p id="done"></p></body></html>
"""
ITEM = '<item identifier="I{n}" identifierref="R{n}"><title>{title}</title></item>'
RESOURCE = (
    '<resource identifier="R{n}" type="webcontent" adlcp:{kind}="sco" href="{href}">'
    '<file href="{href}"/></resource>'
)
MANIFEST_12 = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="M" version="1.0" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  {organizations}
  <resources>{resources}</resources>
</manifest>
"""
MANIFEST_2004 = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="M" version="1.0" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3">
  <metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>
  {organizations}
  <resources>{resources}</resources>
</manifest>
"""
# The smallest H5P library of one's own: one question with one right answer, and its state.
LIBRARY = "H5P.KhlangTest"
LIBRARY_JS = """
var H5P = window.H5P = window.H5P || {};
H5P.KhlangTest = (function ($) {
  function Test(params, id, extras) {
    H5P.EventDispatcher.call(this);
    this.params = params; this.id = id; this.contentId = id;
    this.state = (extras && extras.previousState) || { chosen: '' };
  }
  Test.prototype = Object.create(H5P.EventDispatcher.prototype);
  Test.prototype.constructor = Test;
  Test.prototype.getCurrentState = function () { return this.state; };
  Test.prototype.attach = function ($box) {
    var self = this;
    $box.append('<p class="question">' + self.params.question + '</p>');
    $box.append('<p class="chosen">' + self.state.chosen + '</p>');
    $('<button class="right">4</button>').appendTo($box).on('click', function () {
      self.state = { chosen: '4' };
      $box.find('.chosen').text('4');
      var event = H5P.EventDispatcher && self.make();
      self.trigger(event);
    });
  };
  Test.prototype.make = function () {
    var event = new H5P.XAPIEvent();
    event.setActor(); event.setVerb('answered'); event.setObject(this); event.setContext(this);
    event.setScoredResult(2, 2, this, true, true);
    return event;
  };
  return Test;
})(H5P.jQuery);
"""


def zipped(files: Files) -> bytes:
    """Return a ZIP of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def written(path: Path, files: Files) -> Path:
    """Write a ZIP of these files; return where."""
    path.write_bytes(zipped(files))
    return path


def scorm12_files(*hrefs: str, with_organisation: bool = True) -> dict[str, str | bytes]:
    """Return a SCORM 1.2 package with one page for each name."""
    return _scorm(MANIFEST_12, "scormtype", SCO_12, hrefs or ("sco.html",), with_organisation)


def scorm2004_files(*hrefs: str, with_organisation: bool = True) -> dict[str, str | bytes]:
    """Return a SCORM 2004 package with one page for each name."""
    return _scorm(MANIFEST_2004, "scormType", SCO_2004, hrefs or ("sco.html",), with_organisation)


def _scorm(
    manifest: str,
    kind: str,
    page: str,
    hrefs: tuple[str, ...],
    with_organisation: bool,  # noqa: FBT001
) -> dict[str, str | bytes]:
    items = "".join(ITEM.format(n=n, title=f"บทที่ {n}") for n in range(1, len(hrefs) + 1))
    organisation = f'<organization identifier="O"><title>เศษส่วน</title>{items}</organization>'
    organisations = f'<organizations default="O">{organisation if with_organisation else ""}'
    resources = "".join(RESOURCE.format(n=n, kind=kind, href=h) for n, h in enumerate(hrefs, 1))
    text = manifest.format(organizations=f"{organisations}</organizations>", resources=resources)
    return {"imsmanifest.xml": text, **dict.fromkeys(hrefs, page)}


def h5p_files() -> dict[str, str | bytes]:
    """Return an H5P exercise with its library."""
    version = {"majorVersion": 1, "minorVersion": 0}
    facts = {
        "title": "บวกเลข",
        "language": "th",
        "mainLibrary": LIBRARY,
        "embedTypes": ["div"],
        "preloadedDependencies": [{"machineName": LIBRARY, **version}],
    }
    library = {
        "title": "Test",
        "machineName": LIBRARY,
        **version,
        "patchVersion": 0,
        "runnable": 1,
        "preloadedJs": [{"path": "test.js"}],
        "preloadedDependencies": [],
    }
    return {
        "h5p.json": json.dumps(facts),
        "content/content.json": json.dumps({"question": "2 + 2 เท่ากับเท่าไร"}),
        f"{LIBRARY}-1.0/library.json": json.dumps(library),
        f"{LIBRARY}-1.0/test.js": LIBRARY_JS,
    }
