"""Words of the pages of classrooms that more than one of them uses."""

from server.models.classrooms import SecretKind
from server.models.people import SignInWay
from server.web.translate import translate as _


def passed_words() -> dict[str, str]:
    """Return why a pasted line is not taken."""
    return {
        "head": _("a heading"),
        "signs": _("signs that names do not have"),
        "no_name": _("no name"),
        "too_long": _("too long for a name"),
        "twice": _("the same name as above"),
        "here": _("is in the classroom already"),
        "too_many": _("more than one classroom has"),
    }


def classroom_faults() -> dict[tuple[str, str], str]:
    """Return the words for values of forms of classrooms and schools that cannot be taken."""
    return {
        ("code", "wrong_code"): _(
            "No open classroom has this code. Look at it again, or ask the teacher for the new one."
        ),
        ("grades", "empty"): _("Choose one grade or several."),
        ("list_number", "place"): _("Type a number from 1 to 999."),
        ("typed_number", "place"): _("Type a number from 1 to 999."),
        ("student_number", "national"): _(
            "This looks like a national identity number. It is not kept here: "
            "type the number that the school gave."
        ),
        ("school_id", "empty"): _("Choose the school."),
        ("ends_on", "order"): _("A term ends after it begins, and within a year."),
        ("ends_on", "date"): _("Choose both dates."),
        ("last_on", "loan"): _("Type today, or a day within two weeks, such as 21/12/2569."),
        ("home", "empty"): _("Choose one classroom or several."),
        ("person_id", "empty"): _("Choose the name."),
    }


def waiting_errors() -> dict[str, tuple[str, str]]:
    """Return titles and texts for what a waiting device may be told."""
    return {
        "wait_ended": (
            _("This device does not wait any more"),
            _(
                "The teacher sent it away or changed the code, or the room was full. "
                "Nothing is lost. Open the class code again and choose the name."
            ),
        ),
        "asked_too_often": (
            _("This device asked to come in too often"),
            _("Nothing is lost. Ask your teacher to let you in, or try again in an hour."),
        ),
    }


def secret_labels() -> dict[str, str]:
    """Return how pupils show who they are on a tablet that many use."""
    return {
        SecretKind.NONE: _("No shared tablets: the teacher confirms, or pupils have slips"),
        SecretKind.PICTURE: _("Two pictures (for small children)"),
        SecretKind.PIN: _("A number of 4 digits"),
    }


def way_labels() -> dict[str, str]:
    """Return how a device was signed in."""
    return {
        SignInWay.PASSWORD: _("by password"),
        SignInWay.TEACHER: _("confirmed by the teacher"),
        SignInWay.SLIP: _("by slip"),
        SignInWay.PICTURE: _("by pictures, on a shared tablet"),
        SignInWay.PIN: _("by number, on a shared tablet"),
    }


def picture_labels() -> list[str]:
    """Return what the sixteen pictures show, in their order."""
    return [
        _("Sun"),
        _("Moon"),
        _("Star"),
        _("Cloud"),
        _("Tree"),
        _("Flower"),
        _("Fish"),
        _("Butterfly"),
        _("House"),
        _("Boat"),
        _("Car"),
        _("Ball"),
        _("Kite"),
        _("Umbrella"),
        _("Apple"),
        _("Heart"),
    ]
