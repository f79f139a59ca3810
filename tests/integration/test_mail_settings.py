"""SMTP_URL and `khlang mail test`: what cannot be meant is refused at start, all faults at once."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli import main
from server.wiring import Wiring
from tests.services.mail import running_mail_server, with_mail


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://example.com", "use smtp://"),
        ("smtp://", "use smtp://"),
        ("smtp://host:99999?from=a@b.c", "use smtp://"),
        ("smtp://host", "from=ADDRESS"),
        ("smtp://host?from=nobody", "from=ADDRESS"),
        ("smtp://a%40b.c@host", "a user needs a password"),
        ("smtp://a%40b.c:s3cret@host?starttls=no", "in the open"),
        ("smtp://host?from=a@b.c&starttls=maybe", "yes or no"),
        ("smtps://host?from=a@b.c&starttls=no", "from the start"),
        ("smtp://host?from=a@b.c&color=red", "no option color"),
        ("smtp://a%40b.c:รหัส@host", "ASCII"),
        ("smtp://a%40b.c:%E0%B8%A3@host", "ASCII"),
    ],
)
def test_a_mail_server_that_cannot_be_meant_is_refused_at_start(url: str, fault: str) -> None:
    ran = CliRunner().invoke(main, ["mail", "test", "a@example.com"], env={"SMTP_URL": url})

    assert ran.exit_code == 2
    assert "SMTP_URL" in ran.stderr
    assert fault in ran.stderr
    assert "s3cret" not in ran.output


def test_all_faults_of_the_mail_server_are_named_at_once() -> None:
    url = "smtp://user@host?starttls=maybe"

    ran = CliRunner().invoke(main, ["mail", "test", "a@example.com"], env={"SMTP_URL": url})

    for fault in ("from=ADDRESS", "yes or no", "needs a password"):
        assert fault in ran.stderr


def test_the_command_sends_one_at_once_and_says_how_it_went(tmp_path: Path) -> None:
    command = ["mail", "test", "a@example.com"]
    with running_mail_server() as box:
        env = {
            "DATA_PATH": str(tmp_path),
            "SMTP_URL": f"smtp://localhost:{box.port}?starttls=no&from=khlang@example.go.th",
        }
        good = CliRunner().invoke(main, command, env=env)
        box.to_recipient = "550 no such user"
        refused = CliRunner().invoke(main, command, env=env)
        unset = CliRunner().invoke(main, command, env={**env, "SMTP_URL": ""})

    assert (good.exit_code, len(box.messages)) == (0, 1)
    assert "took it" in good.stdout
    assert [refused.exit_code, unset.exit_code] == [1, 1]
    assert "550 no such user" in refused.stderr
    assert "SMTP_URL is not set" in unset.stderr


def test_the_settings_never_show_the_password(wiring: Wiring) -> None:
    office = with_mail(wiring, "smtp://a%40example.com:s3cret@localhost")

    assert "s3cret" not in repr(office.settings)
    assert "s3cret" not in repr(office.settings.mail_server)
