"""The bare baseline: Flask's send_file of one file (MEASURED_FILE), to run under granian's WSGI."""

import os
from pathlib import Path

from flask import Flask, send_file
from flask.typing import ResponseReturnValue

app = Flask(__name__)
MEASURED = Path(os.environ.get("MEASURED_FILE", "/dev/null"))


@app.get("/file")
def file() -> ResponseReturnValue:
    """Answer with the file or a range of it."""
    return send_file(MEASURED, mimetype="video/mp4", conditional=True)
