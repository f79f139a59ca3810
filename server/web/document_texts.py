"""What a teacher reads when a document or picture cannot be shown, and what to do about it."""

from server.web.translate import translate as _


def document_causes() -> dict[str, str]:
    """Return why, by code."""
    return {
        "document_broken": _("This document is damaged, or was not copied to its end."),
        "document_locked": _("This document is locked with a password."),
        "document_empty": _("This document has no pages."),
        "document_too_heavy": _("This document takes longer to draw than is allowed."),
        "office_missing": _("Files of Word, PowerPoint and Excel cannot be opened on this server."),
        "image_broken": _("This picture is damaged, or was not copied to its end."),
        "image_heic": _("Pictures of the kind HEIC cannot be shown."),
        "image_svg": _("Drawings of the kind SVG are not shown, as they may hold programs."),
    }


def document_steps() -> dict[str, str]:
    """Return what to do, by code."""
    return {
        "document_broken": _(
            "Open it on the computer that it comes from. If it opens there, "
            "save or print it as a new PDF and send that."
        ),
        "document_locked": _("Save it without a password, and send that."),
        "document_empty": _("Choose another file."),
        "document_too_heavy": _(
            "Print it as a new PDF, or cut it into shorter ones, and send these."
        ),
        "office_missing": _("In the program, choose Save as PDF, and send the PDF."),
        "image_broken": _(
            "Open it on the phone or computer that it comes from. If it opens there, "
            "copy it once more and send the copy."
        ),
        "image_heic": _(
            "On the iPhone, choose Settings, Camera, Formats, Most Compatible, "
            "or send a screenshot of the picture."
        ),
        "image_svg": _("Save it as PNG or PDF, and send that."),
    }
