"""The commands about the short code, typed by an operator."""

from pathlib import Path

import pytest
from flask import Flask

from tests.admin.operator import Operator
from ussd.menu.svg import draw
from ussd.menu.whole import whole_menu

SHORTCUTS = """\
*384*2030*1#            -> betting.start
*384*2030*1*<market>#   -> betting.side
*384*2030*1*<market>*1# -> betting.stake
*384*2030*1*<market>*2# -> betting.stake
*384*2030*2#            -> depositing.ask_amount
*384*2030*3#            -> withdrawing.ask_amount
*384*2030*4#            -> bets.recent or pin.ask
*384*2030*5#            -> account.menu
*384*2030*5*1#          -> account.balance or pin.ask
*384*2030*5*2#          -> account.statement or pin.ask
*384*2030*5*4#          -> limits.menu
*384*2030*5*5#          -> account.language
*384*2030*5*99*1#       -> account.my_number
*384*2030*5*99*2#       -> account.ask_receipt
*384*2030*5*99*4#       -> account.help_
"""


@pytest.fixture
def operator(app: Flask) -> Operator:
    return Operator(app.test_cli_runner())


def test_the_picture_is_drawn_into_a_file(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "menu.svg"
    menu = whole_menu()
    said = operator.types(f"menu draw {file}")
    assert said == f"Drew {len(menu.screens)} screens, {menu.links} links to {file}.\n"
    assert file.read_text(encoding="utf-8") == draw(menu)


@pytest.mark.parametrize("name", ["missing/menu.svg", "."])
def test_a_file_that_cannot_be_written_is_one_line(
    operator: Operator, tmp_path: Path, name: str
) -> None:
    fault = operator.is_refused(f"menu draw {tmp_path / name}")
    assert fault.startswith(f"Error: {tmp_path / name}: ")


def test_shortcuts_are_listed_with_the_pages_that_they_open(operator: Operator) -> None:
    assert operator.types("menu shortcuts") == SHORTCUTS
