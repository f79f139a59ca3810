"""The words for what a lesson may be: who sees it, for which grade, under which licence."""

from collections.abc import Mapping

from server.models.lessons import Licence, Visibility
from server.models.people import RoleName
from server.services.lesson_changes import GRADES, LEARNING_AREAS
from server.web.dates import language
from server.web.translate import translate as _

THAI_LEVELS = {"A": "อ.", "P": "ป.", "M": "ม."}


def visibility_labels() -> dict[str, str]:
    """Return who may see it."""
    return {
        Visibility.ME: _("Only me"),
        Visibility.CLASSROOM: _("Pupils to whom it is given"),
        Visibility.SCHOOL: _("The whole school"),
        Visibility.AREA: _("The whole area"),
        Visibility.LINK: _("Anyone with the link"),
        Visibility.PUBLIC: _("Everyone"),
    }


def learning_area_labels() -> dict[str, str]:
    """Return the eight learning areas by their letters."""
    names = (
        _("Thai language"),
        _("Mathematics"),
        _("Science and technology"),
        _("Social studies, religion and culture"),
        _("Health and physical education"),
        _("Arts"),
        _("Occupations"),
        _("Foreign languages"),
    )
    return dict(zip(LEARNING_AREAS, names, strict=True))


def licence_labels() -> dict[str, str]:
    """Return the licences."""
    return {
        Licence.UNKNOWN: _("Not stated"),
        Licence.ALL_RIGHTS_RESERVED: _("All rights reserved"),
        Licence.CC_BY: "Creative Commons BY",
        Licence.CC_BY_SA: "Creative Commons BY-SA",
        Licence.CC_BY_NC: "Creative Commons BY-NC",
        Licence.CC_BY_NC_SA: "Creative Commons BY-NC-SA",
        Licence.THAI_OER: _("Thai open educational resource (OER)"),
    }


def kind_labels() -> dict[str, str]:
    """Return the kinds of what the search can tell apart."""
    return {
        "video": _("Video"),
        "audio": _("Sound"),
        "document": _("Document"),
        "image": _("Picture"),
        "package": _("Interactive lesson"),
        "course": _("Course"),
    }


def role_labels() -> dict[str, str]:
    """Return the roles."""
    return {
        RoleName.OFFICE_ADMIN: _("Office administrator"),
        RoleName.SCHOOL_ADMIN: _("School administrator"),
        RoleName.TEACHER: _("Teacher"),
        RoleName.STUDENT: _("Student"),
    }


def track_labels() -> dict[str, str]:
    """Return the languages that captions are offered in."""
    return {
        "th": "ไทย",
        "en": "English",
        "ms": "Bahasa Melayu",
        "my": "မြန်မာ",
        "km": "ខ្មែរ",
        "lo": "ລາວ",
        "zh": "中文",
        "ja": "日本語",
        "ko": "한국어",
        "vi": "Tiếng Việt",
        "mfa": "ยาวี",
        "nod": "คำเมือง",
        "tts": "อีสาน",
    }


def grade_labels() -> dict[str, str]:
    """Return every grade by its code: ป.1 in Thai, P1 in English."""
    return {grade: grade_label(grade) for grade in GRADES}


def grade_label(grade: str) -> str:
    """Return the grade as people write it."""
    return f"{THAI_LEVELS[grade[0]]}{grade[1]}" if language() == "th" else grade


def grades_text(grades: list[str]) -> str:
    """Return a lesson's grades in one line; a run in a level as "ป.1–3"."""
    if not grades:
        return ""
    runs: list[list[str]] = []
    for grade in (known for known in GRADES if known in grades):
        before = runs[-1][-1] if runs else ""
        if before[:1] == grade[0] and int(before[1]) + 1 == int(grade[1]):
            runs[-1].append(grade)
        else:
            runs.append([grade])
    return " ".join(_run_text(run) for run in runs)


def label_of(labels: Mapping[str, str], value: str) -> str:
    """Return the label; for a value without one, the value itself."""
    return labels.get(value, value)


def _run_text(run: list[str]) -> str:
    first = grade_label(run[0])
    return first if len(run) == 1 else f"{first}–{run[-1][1]}"
