"""The description of the API for programs and for people."""

from typing import Any, cast

from flask import current_app, jsonify, render_template_string
from flask.typing import ResponseReturnValue

from server.api.blueprint import bp, spec

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{ title }}</title>
  </head>
  <body>
    <main>
      <h1>{{ title }}</h1>
      <p><a href="{{ url_for('api.describe') }}">OpenAPI</a></p>
      <dl>
        {% for method, path, summary in acts %}
          <dt><code>{{ method }} {{ path }}</code></dt>
          <dd>{{ summary }}</dd>
        {% endfor %}
      </dl>
    </main>
  </body>
</html>
"""


@bp.get("/openapi.json")
def describe() -> ResponseReturnValue:
    """Return the OpenAPI document, made from the code."""
    return jsonify(document())


@bp.get("/")
def describe_for_people() -> ResponseReturnValue:
    """Return a plain page that lists what there is."""
    acts = [
        (method.upper(), path, act.get("summary", ""))
        for path, on_path in sorted(document()["paths"].items())
        for method, act in on_path.items()
    ]
    return render_template_string(PAGE, title="Khlang API", acts=acts)


def document() -> dict[str, Any]:
    """Return the document for the routes of this application."""
    spec.app = current_app
    return cast("dict[str, Any]", spec.spec)
