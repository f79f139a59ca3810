"""What services are told the time by."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]  # aware, UTC
