"""The command line: a contract (docs/cli.md). Commands are loaded when they are called."""

import logging
import sys
from importlib import import_module
from io import TextIOWrapper

import click

from digest import __version__
from digest.errors import DigestError

COMMANDS = {
    "init": ("setup", "Write a commented digest.toml."),
    "run": ("job", "Do the daily job once: ingest, publish, deliver, archive."),
    "schedule": ("schedule", "Do the daily job on its schedule until stopped."),
    "preview": ("preview", "Show the edition of a day; send nothing."),
    "lint": ("lint", "Say what in a mail would harm its delivery or its reader."),
    "unfold": ("outbox", "Print a whole mail that the outbox keeps as an envelope."),
    "subscribers": ("subscribers", "Add, list and remove readers."),
    "serve": ("serve", "Answer the links in mails: unsubscribe and preferences."),
    "bounces": ("bounces", "Read what came back; send no more to whom it won't reach."),
    "status": ("status", "Show the last runs, what is owed, and problems."),
    "fsck": ("ledger", "Check that the ledger adds up and its files are whole."),
    "pause": ("ledger", "Hold back what has not gone out of an edition."),
    "resume": ("ledger", "Let an edition go on."),
    "cancel": ("ledger", "Send nothing more of an edition."),
    "dumps": ("dumps", "List every dump and what came of it; read again what was left out."),
    "export": ("dumps", "Print every paper of every dump as JSON Lines."),
    "themes": ("themes", "Check the table of themes."),
    "explain": ("explain", "Show every decision about a paper with its reason."),
    "merge": ("correct", "Make two papers one, for good."),
    "split": ("correct", "Part what dedupe has made one, for good."),
    "ingest": ("job", "Read new dumps and know their papers again."),
    "publish": ("job", "Compose, render and freeze the edition of a day."),
    "deliver": ("job", "Send what is owed."),
    "archive": ("job", "Build the static archive."),
    "parse": ("filters", "Print what dumps hold, a paper a line; store nothing."),
    "dedupe": ("filters", "Filter: say which papers are the same."),
    "summarise": ("filters", "Filter: add a summary to each paper."),
    "group": ("filters", "Filter: add a theme and keywords to each paper."),
}
"""Command -> its module and the line that `digest --help` shows of it.

The line stands here too so that the help needs none of the modules.
"""


class Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"digest.cli.{COMMANDS[name][0]}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="digest")
def digest() -> None:
    """Make a daily digest of research papers from dump files.

    \b
    Example:
      digest run        read dumps/, write mails to outbox/ and pages to archive/
      digest preview    look at the edition

    Exit codes: 0 done, 1 something was left out and named, 2 wrong use or configuration,
    3 try again later.
    """


def main() -> int:
    """Run the command line and return its exit code."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where a terminal has no Greek, show "?"
    try:
        return int(digest.main(standalone_mode=False, prog_name="digest") or 0)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        return 130
    except DigestError as error:
        from digest.pipeline import exit_code

        click.echo(f"digest: {error}", err=True)
        return exit_code(error)
    except SystemExit:  # click's answer to a closed pipe, whose reader has seen enough
        return 0
