"""What a person reads when something could not be done: what happened, what is safe, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.web.caption_texts import fault_words
from server.web.classroom_words import classroom_faults, waiting_errors
from server.web.dates import size_text
from server.web.document_texts import document_causes, document_steps
from server.web.hand_in_words import giving_faults, hand_in_errors
from server.web.membership_words import membership_errors
from server.web.package_texts import package_causes, package_steps
from server.web.password_texts import password_errors, password_faults
from server.web.question_faults import question_faults
from server.web.translate import translate as _
from server.web.tries_texts import again_text


@dataclass(frozen=True, slots=True)
class ErrorText:
    """One title and one text."""

    title: str
    text: str


def error_text(code: str, facts: Mapping[str, object] | None = None) -> ErrorText:
    """Return the words for an error's code; unknown codes get the general ones."""
    texts = _texts(facts or {})
    if code == "bad_value" and facts and facts.get("rule") == "wrong":
        return ErrorText(texts[code].title, field_text("setup_code", facts))
    return texts.get(code, texts["bad_request"])


def asset_error_text(code: str) -> str:
    """Return the words for a file that cannot be shown, by `Asset.error_code`."""
    kept = _("The file that was sent is kept.")
    what_to_do = _("Try choosing another file, or tell the school's administrator.")
    causes = {
        "empty_file": _("The file is empty."),
        "too_many_pixels": _("The picture is larger than can be prepared."),
        "cancelled": _("The area office stopped the work on this file."),
        "too_long": _("The recording is longer than can be prepared."),
        "original_lost": _("The file that was sent is missing in the store."),
        "no_streams": _("There is neither picture nor sound in this file."),
        "moving_webp": _("Moving pictures of the kind WebP cannot be shown."),
        "broken_file": _("This file is damaged, or was not copied to its end."),
    }
    steps = {
        "moving_webp": _("Save it as MP4 or GIF, and send that."),
        "broken_file": _(
            "Play it on the phone or computer that it comes from: if it plays there, "
            "copy it once more and send the copy."
        ),
        "too_long": _("Cut it into shorter ones, and send each."),
        "too_many_pixels": _("Save it smaller, such as 1920 × 1080, and send that."),
    }
    causes = package_causes() | document_causes() | causes
    steps = package_steps() | document_steps() | steps
    cause = causes.get(
        code, _("This file cannot be opened. It may not be a video, or the file is damaged.")
    )
    return f"{cause} {kept} {steps.get(code, what_to_do)}"


def field_text(field: str, facts: Mapping[str, object]) -> str:
    """Return the words for one value of a form that cannot be taken."""
    rule = str(facts.get("rule", ""))
    by_field = {
        ("origin", "address"): _("Type the site's address, such as https://example.ac.th"),
        ("origin", "https"): _("The site's address must begin with https://"),
        ("user_name", "taken"): _("This user name is taken. Choose another one."),
        ("user_name", "letters"): _(
            "Use 2 to 100 letters, digits or the signs . @ + - _ without spaces."
        ),
        ("identifiers", "taken"): _("Another school has this code already."),
        **password_faults(facts),
        ("setup_code", "wrong"): _(
            "This is not the code that the server printed when it was started."
        ),
        ("people", "people"): _("Choose at least one classroom or pupil, or say that nobody is."),
        ("weeks", "weeks"): _("Weeks are numbers from 1 to 40, the first one first."),
        ("url", "web_address"): _("Type the whole address, such as https://example.ac.th/page"),
        ("role", "own_role"): _("The office's role cannot be taken from oneself."),
        **question_faults(facts),
        **_search_texts(facts),
        **classroom_faults(),
        **giving_faults(facts),
    }
    if (field, rule) in by_field:
        return by_field[field, rule]
    by_kind = {
        "captions": _captions_text,
        "chapters": _chapters_text,
        "poster": _poster_text,
        "start": _trim_text,
        "end": _trim_text,
        "cuts": _trim_text,
    }
    if field in by_kind:
        return by_kind[field](facts)
    return _rule_text(rule, facts.get("most"))


def _rule_text(rule: str, most: object) -> str:
    """Return the words for a rule that several fields have."""
    by_rule = {
        "empty": _("This must not be empty."),
        "name": _("Type the name with letters only, such as ด.ช. สมชาย ใจดี"),
        "length": _("Type 1 to %(most)s characters.", most=most or 200),
        "too_long": _("This is too long: at most %(most)s characters.", most=most or 200),
        "too_many": _("These are too many: at most %(most)s.", most=most or 20),
    }
    return by_rule.get(rule, _("This value cannot be used. Check it and try again."))


def _search_texts(facts: Mapping[str, object]) -> dict[tuple[str, str], str]:
    """Return the words for values by which lessons are found, by field and rule."""
    return {
        ("indicators", "no_code"): _(
            "This is no code of an indicator: %(unknown)s. Write it as ค 1.1 ป.4/3; "
            "nothing that was typed is lost.",
            unknown=facts.get("unknown", ""),
        ),
        ("curriculum", "too_large"): _(
            "Nothing was imported: files of at most %(most)s lines are read here. Import each "
            "framework as a file of its own, or larger files on the server.",
            most=facts.get("most"),
        ),
        ("words", "too_few"): _("Type two words or more, separated by commas."),
        ("words", "taken"): _(
            "“%(word)s” stands in another group already. Add the other words there.",
            word=facts.get("word", ""),
        ),
        ("words", "full"): _(
            "There are %(most)s groups: remove one first.", most=facts.get("most")
        ),
    }


def field_label(field: str) -> str:
    """Return what forms call a field; its name where no form has it."""
    labels = {
        "title": _("Title"),
        "description": _("About the lesson"),
        "tags": _("Tags"),
        "grades": _("Grades"),
        "indicators": _("Indicators of the curriculum"),
        "learning_area": _("Learning area"),
        "licence": _("Licence"),
        "rights_holder": _("Rights holder"),
        "language": _("Language of the lesson"),
        "visibility": _("Who may see it"),
        "text": _("Text"),
        "comment": _("Comment"),
        "announcement": _("Announcement"),
        "captions": _("Captions"),
        "chapters": _("Chapters"),
        "poster": _("Still picture"),
        "role": _("Role"),
        "origin": _("The site's address"),
        "markdown": _("Text"),
        "plan": _("The teacher's plan"),
        "names": _("Names of the pupils"),
        "note": _("Note"),
        "question_text": _("Question"),
        "choice": _("Answers to choose from"),
        "accepted": _("What counts as right"),
        "when_right": _("When it is right"),
        "when_wrong": _("When it is not right"),
        "user_name": _("User name"),
        "invited_name": _("For whom"),
    }
    return labels.get(field, field)


def _captions_text(facts: Mapping[str, object]) -> str:
    kept = _("The lesson is unchanged.")
    if facts.get("rule") == "too_large":
        most = facts.get("most")
        size = size_text(float(most)) if isinstance(most, int) else ""
        return _("The file is larger than captions ever are (%(size)s).", size=size) + f" {kept}"
    what = fault_words().get(str(facts.get("rule")), _("The captions cannot be read."))
    return f"{what} {kept}"


def _trim_text(facts: Mapping[str, object]) -> str:
    texts = {
        "time": _("A time cannot be read. Write it as 1:05 or 1:05.5"),
        "order": _("A cut must end after it begins, and the lesson after its beginning."),
        "beyond": _("A time is after the end of the recording."),
        "all_cut": _("Nothing would be left of the lesson. Leave at least one second."),
        "too_many": _("These are too many cuts: at most %(most)s.", most=facts.get("most")),
    }
    return f"{texts[str(facts.get('rule'))]} {_('The lesson is unchanged.')}"


def _chapters_text(facts: Mapping[str, object]) -> str:
    texts = {
        "title": _("Line %(line)s has no title, or a very long one.", line=facts.get("line")),
        "time": _(
            "The time in line %(line)s cannot be read, or is outside the video. Write it as 1:05.",
            line=facts.get("line"),
        ),
        "same_time": _("Line %(line)s has the same time as another one.", line=facts.get("line")),
    }
    return texts.get(
        str(facts.get("rule")), _("These are too many: at most %(most)s.", most=facts.get("most"))
    )


def _poster_text(facts: Mapping[str, object]) -> str:
    if facts.get("rule") == "too_many_pixels":
        return _("The picture is larger than can be prepared. Send a smaller one.")
    return _("This picture cannot be opened. Send a photo of the kind JPEG or PNG.")


def _texts(facts: Mapping[str, object]) -> dict[str, ErrorText]:
    elsewhere = hand_in_errors() | password_errors() | waiting_errors() | membership_errors(facts)
    of_pages = _texts_of_pages() | {code: ErrorText(*words) for code, words in elsewhere.items()}
    return of_pages | _texts_of_trouble() | _texts_of_rights(facts) | _texts_of_files(facts)


def _texts_of_pages() -> dict[str, ErrorText]:
    return {
        "bad_request": ErrorText(
            _("This request was not understood"),
            _("Nothing was changed. Go back to the page before and try again."),
        ),
        "not_found": ErrorText(
            _("There is nothing here for you"),
            _(
                "The address may be mistyped, or the lesson was withdrawn by its owner. "
                "Nothing was lost. Search the library, or ask who sent the link."
            ),
        ),
        "captions_changed": ErrorText(
            _("Somebody else saved these captions meanwhile"),
            _("Both texts are kept. Open the captions again."),
        ),
        "trim_changed": ErrorText(
            _("Somebody else trimmed this lesson meanwhile"),
            _("That trim is shown now. Open the page again and see what is still to be cut."),
        ),
        "no_tries_left": ErrorText(
            _("All tries of this quiz were used already"),
            _("These answers do not count. What was answered before is kept."),
        ),
        "conflict": ErrorText(
            _("This cannot be done now"),
            _("Somebody may have changed it meanwhile. Nothing was lost. Open the page again."),
        ),
        "bad_value": ErrorText(
            _("Something that was filled in cannot be used"),
            _("Nothing was changed. Go back, check it and try again."),
        ),
        "form_expired": ErrorText(
            _("This form was open for too long"),
            _("Nothing was changed. Open the page again and send the form once more."),
        ),
    }


def _texts_of_trouble() -> dict[str, ErrorText]:
    return {
        "internal": ErrorText(
            _("The server has met a fault"),
            _(
                "What was saved before is safe. Try again in a moment; "
                "if it stays so, tell the administrator."
            ),
        ),
        "storage_full": ErrorText(
            _("There is no room left on the server"),
            _(
                "What is there already is safe, and can be played and deleted. "
                "Tell the administrator; when there is room again, try once more."
            ),
        ),
        "storage_unavailable": ErrorText(
            _("The server cannot store anything at the moment"),
            _(
                "What is there already is safe. Try again later; "
                "if it stays so, tell the administrator."
            ),
        ),
    }


def _texts_of_rights(facts: Mapping[str, object]) -> dict[str, ErrorText]:
    return {
        "not_allowed": ErrorText(
            _("This is not open to this account"),
            _(
                "Nothing was changed. Sign in with another account, "
                "or ask the school's administrator."
            ),
        ),
        "sign_in_needed": ErrorText(
            _("Sign in first"),
            _("Nothing was changed. Sign in, and the same page opens again."),
        ),
        "link_expired": ErrorText(
            _("This link does not work any more"),
            _("It was used, withdrawn or is too old. Ask who sent it for a new one."),
        ),
        "wrong_secret": ErrorText(
            _("That was not it"), _("Try again, or ask the teacher to let you in.")
        ),
        "key_locked": ErrorText(
            _("There were too many wrong tries"),
            _("Nothing is lost. Your teacher sees it and lets you try again."),
        ),
        "too_many_tries": ErrorText(_("Too many tries in a short time"), again_text(facts)),
    }


def _texts_of_files(facts: Mapping[str, object]) -> dict[str, ErrorText]:
    limit = facts.get("limit_bytes") or facts.get("max_bytes")
    limit_text = (
        _("The largest file that can be sent is %(size)s.", size=size_text(float(limit)))
        if isinstance(limit, int | float)
        else _("It is larger than this site takes.")
    )
    return {
        "lesson_changed": ErrorText(
            _("Something new came in meanwhile"),
            _("Nothing was removed. Open the page again and read what hangs on the lesson now."),
        ),
        "lesson_not_ready": ErrorText(
            _("The lesson cannot be published yet"),
            _(
                "There is nothing to watch yet; what was filled in is kept. "
                "Publish when the page says that it can be watched."
            ),
        ),
        "consent_missing": ErrorText(
            _("Not everybody in the picture has agreed to this"),
            _(
                "Nothing was changed. The lesson's page says who is seen or heard in it, and whose "
                "consent is missing."
            ),
        ),
        "too_much": ErrorText(
            _("This is more than this site takes"),
            _("%(limit)s Nothing was changed. Choose a smaller one.", limit=limit_text),
        ),
        "quota_full": ErrorText(_("There is not enough space for this file"), _quota_text(facts)),
        "empty_file": ErrorText(
            _("The file is empty"), _("Nothing was changed. Choose another file.")
        ),
    }


def _quota_text(facts: Mapping[str, object]) -> str:
    """Return how much is used, and how to make room."""
    sizes = {
        name: size_text(float(value))
        for name, value in facts.items()
        if isinstance(value, int | float)
    }
    what_to_do = _(
        "Nothing was sent and nothing was lost. Remove lessons that are not needed any more for "
        "good, or ask the area office for more space."
    )
    if not {"used_bytes", "limit_bytes", "size_bytes"} <= sizes.keys():
        return what_to_do
    of_school = _("The school uses %(used)s of %(limit)s; this file has %(size)s.")
    of_person = _("%(used)s of %(limit)s are used; this file has %(size)s.")
    words = of_school if facts.get("whose") == "school" else of_person
    used = words % {
        "used": sizes["used_bytes"],
        "limit": sizes["limit_bytes"],
        "size": sizes["size_bytes"],
    }
    return f"{used} {what_to_do}"
