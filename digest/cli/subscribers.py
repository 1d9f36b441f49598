"""`digest subscribers`: the list of readers."""

from pathlib import Path

import click

from digest.cli.common import (
    again,
    open_app,
    print_json,
    with_audience,
    with_config,
    with_json,
)
from digest.look import counted


@click.group()
def subscribers() -> None:
    """Add, list and remove readers.

    \b
    Example:
      digest subscribers add reader@example.org
      digest subscribers list
    """


@subscribers.command()
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@with_audience
@with_config
@with_json
def add(addresses: tuple[str, ...], audience: str, config: Path | None, *, as_json: bool) -> int:
    """Add readers; they get the editions from now on.

    An address may be of several audiences.

    \b
    Example:
      digest subscribers add ada@example.org grace@example.org
      digest subscribers add --audience all ada@example.org
    """
    app = open_app(config)
    first = app.next_edition(audience)
    changed = app.readers.add(addresses, app.clock(), audience)
    if as_json:
        added = [address for address, new in changed.items() if new]
        print_json({"added": added, "first_mail": first})
        return 0
    for address, new in changed.items():
        click.echo(f"{address}: {'added' if new else 'is a reader already'}")
    when = f"{first:%A %d %B %Y, %H:%M} ({app.settings.timezone})" if first else "never"
    click.echo(
        f"The first mail comes with the next edition: {when} while `{again('schedule')}` runs, "
        f"or whenever you call `{again('run')}` and there is news."
    )
    return 0


@subscribers.command("list")
@click.option("--audience", metavar="NAME", help="Only those of this audience.")
@with_config
@with_json
def list_(audience: str | None, config: Path | None, *, as_json: bool) -> int:
    """List everybody, also those who have left.

    \b
    Example:
      digest subscribers list --json
      digest subscribers list --audience all
    """
    app = open_app(config)
    with app.store.reading() as shelves:
        everybody = shelves.subscribers.all(audience)
    if audience and not everybody:
        app.named(audience)
    if as_json:
        names = ("address", "audience", "kind", "standing", "since")
        print_json([{name: getattr(each, name) for name in names} for each in everybody])
        return 0
    for each in everybody:
        what = f"{each.audience:<12} {each.kind:<7} {each.standing:<8} {each.since:%Y-%m-%d}"
        click.echo(f"{each.address:<40} {what}")
    click.echo(counted(len(everybody), "subscriber"), err=True)
    return 0


@subscribers.command()
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS|TOKEN...")
@click.option("--audience", metavar="NAME", help="From this audience only (default: from all).")
@with_config
@with_json
def remove(
    addresses: tuple[str, ...], audience: str | None, config: Path | None, *, as_json: bool
) -> int:
    """Let readers go; what still waits for them is not sent.

    A reader who asks to leave by mail sends the TOKEN that stands for the address.

    \b
    Example:
      digest subscribers remove ada@example.org
      digest subscribers remove --audience all ada@example.org
      digest subscribers remove rlvh56xdg5zvm7glmzkekgnhkg5pnwxk
    """
    app = open_app(config)
    changed = app.readers.remove(addresses, app.clock(), audience)
    if as_json:
        print_json({"removed": [address for address, gone in changed.items() if gone]})
    for address, gone in changed.items():
        if not (gone and as_json):
            click.echo(f"{address}: {'removed' if gone else 'is no reader'}", err=not gone)
    return 0 if all(changed.values()) else 1
