"""The command line. Commands are imported when they are called: `serve` stays a small process."""

from importlib import import_module

import click

COMMANDS = {  # name → module:attribute
    "serve": "server.commands.serve:serve",
    "web": "server.commands.web:web",
    "worker": "server.commands.work:worker",
    "init": "server.commands.installation:init",
    "check": "server.commands.installation:check",
    "reindex": "server.commands.installation:reindex",
    "backup": "server.commands.copies:backup",
    "restore": "server.commands.copies:restore",
    "verify": "server.commands.copies:verify",
    "user": "server.commands.people:user",
    "school": "server.commands.people:school",
    "invite": "server.commands.people:invite",
    "mail": "server.commands.mail:mail",
    "curriculum": "server.commands.curriculum:curriculum",
    "demo": "server.commands.demo:demo",
}


class CommandTable(click.Group):
    """A group whose commands stand in a table of module:attribute."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's own)
        """Return the names, for the help text."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 (click's own)
        cmd_name: str,
    ) -> click.Command | None:
        """Import and return one command; None if there is no such name."""
        module, _, attribute = COMMANDS.get(cmd_name, "").partition(":")
        if not module:
            return None
        try:
            command = getattr(import_module(module), attribute)
        except ModuleNotFoundError as missing:
            raise click.ClickException(f"{cmd_name} needs the package {missing.name}") from missing
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is no command")
        return command


@click.group(cls=CommandTable)
def main() -> None:
    """Khlang: lessons and media for an educational service area and its schools."""


if __name__ == "__main__":
    main()
