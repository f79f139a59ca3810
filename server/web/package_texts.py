"""Why a package was refused, in words that a teacher can act on."""

from server.web.translate import translate as _


def package_causes() -> dict[str, str]:
    """Return what is wrong, by `Asset.error_code`."""
    return {
        "zip_unknown": _(
            "This ZIP holds no lesson that can be played: "
            "neither h5p.json nor imsmanifest.xml nor index.html is in it."
        ),
        "zip_in_zip": _("This ZIP holds another ZIP and no lesson of its own."),
        "zip_locked": _("This ZIP is locked with a password."),
        "zip_unsafe": _(
            "Names in this ZIP lead out of its folder, or files in it are links. "
            "It was not opened, for everybody's safety."
        ),
        "zip_too_many": _("There are more than 10,000 files in this ZIP."),
        "zip_too_large": _("Unpacked, this ZIP is larger than 2 GB."),
        "zip_bomb": _(
            "Unpacked, this ZIP is hundreds of times larger than it says. "
            "It was not opened, for everybody's safety."
        ),
        "zip_broken": _("This ZIP is damaged, or was not copied to its end."),
        "package_manifest_broken": _("The list of contents in this package cannot be read."),
        "package_no_start": _("There is no page in this package to begin with."),
        "h5p_no_library": _("The parts of H5P that show this exercise are not in the file."),
    }


def package_steps() -> dict[str, str]:
    """Return what to do about it, by `Asset.error_code`."""
    export_again = _(
        "Export it again as SCORM or H5P from the program that made it, "
        "and send that file as it is."
    )
    return {
        "zip_unknown": _(
            "Export the lesson as SCORM, H5P or web page from the program that made it, "
            "and send that file as it is."
        ),
        "zip_in_zip": _("Unpack it on the computer, and send the file inside."),
        "zip_locked": _("Make it again without a password, and send that."),
        "zip_unsafe": export_again,
        "zip_too_many": _(
            "Take out what the lesson does not need, or send it in several packages."
        ),
        "zip_too_large": _(
            "Send large videos as lessons of their own, and the package without them."
        ),
        "zip_bomb": export_again,
        "zip_broken": _(
            "Open it on the computer that it comes from: if it opens there, "
            "copy it once more and send the copy."
        ),
        "package_manifest_broken": export_again,
        "package_no_start": export_again,
        "h5p_no_library": _(
            "Open the exercise in Lumi or on a site with H5P, save it there as H5P, "
            "and send that file."
        ),
    }
