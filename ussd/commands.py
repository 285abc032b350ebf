"""The operator's commands about the short code."""

from pathlib import Path

import click

from core.settings import Settings
from ussd.menu.svg import draw as draw_svg
from ussd.menu.whole import shortcut_lines, whole_menu


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def draw(file: Path) -> None:
    """Draw every page and every link into an SVG file, from the code."""
    graph = whole_menu()
    try:
        file.write_text(draw_svg(graph), encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}.") from None
    click.echo(f"Drew {len(graph.screens)} screens, {graph.links} links to {file}.")


def group(*, settings: Settings) -> click.Group:
    """The group `menu`."""

    @click.group("menu")
    def menu() -> None:
        """What callers see, and how its pages are linked."""

    @menu.command("shortcuts")
    def list_shortcuts() -> None:
        """What can be dialled behind the service code, and the page that it opens."""
        for line in shortcut_lines(service_code=settings.ussd_service_code):
            click.echo(line)

    menu.add_command(draw)
    return menu
