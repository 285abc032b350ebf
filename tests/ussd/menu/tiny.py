"""A conversation of a few pages, with every way of writing a link that the map must read."""

from core.text import Text, _
from ussd.menu.findings import Elsewhere
from ussd.menu.graph import Graph
from ussd.menu.joining import Beginnings, join
from ussd.menu.reading import read_function
from ussd.pages import (
    Action,
    Answer,
    End,
    Link,
    Menu,
    Option,
    Page,
    Parameters,
    Question,
    Redirect,
    Screen,
)
from ussd.visit import Visit

CARRIED: Parameters = {"then": Link.from_json}


def _draw_door(visit: Visit) -> Page:
    fruits = ("apple", "pear", "plum")
    if visit.proven:
        return Menu(_("Nobody is in."))
    options = (Option(_("Ring"), ring.at()), *(Option(_name(each), shop.at()) for each in fruits))
    return Menu(_("The door"), options)


def _do_ring(visit: Visit) -> Link:
    return _once(visit, hall.at())


def _draw_password(_visit: Visit, then: Link) -> Page:
    return Question(_("Say {word}", word="friend"), said.at(then))


def _hear(_visit: Visit, typed: str, then: Link) -> Redirect:
    if typed != "friend":
        return door.at().saying(_("Wrong."))
    return then.instead()


def _draw_hall(_visit: Visit) -> Page:
    return End(_("Welcome."))


def _draw_shop(_visit: Visit) -> Page:
    return _counter(_("What do you buy?"))


def _draw_cellar(_visit: Visit) -> Page:
    return Menu(_("Dark."), (Option(_("Up"), door.at()),))


def _counter(title: Text) -> Menu:
    return Menu(title, tuple(Option(_("Fruit {n}", n=n), shop.at()) for n in range(3)))


def _name(fruit: str) -> Text:
    return _("An apple") if fruit == "apple" else _("Something else")


def _once(visit: Visit, then: Link) -> Link:
    return then if visit.proven else password.at(then=then)


def _arrive(_visit: Visit) -> Link:
    return door.at()


def _place_for(refusal: Exception, standing: Link | None) -> Redirect:
    match refusal:
        case KeyError():
            return Redirect(password.at(standing or door.at()))
        case _:
            return door.at().afresh()


door: Screen[...] = Screen("tiny.door", _draw_door, {})
ring: Action[...] = Action("tiny.ring", _do_ring, {})
password: Screen[...] = Screen("tiny.password", _draw_password, CARRIED)
said: Answer[...] = Answer("tiny.said", _hear, CARRIED)
hall: Screen[...] = Screen("tiny.hall", _draw_hall, {})
shop: Screen[...] = Screen("tiny.shop", _draw_shop, {})
cellar: Screen[...] = Screen("tiny.cellar", _draw_cellar, {})
HOUSE = (door, ring, password, said, hall, shop)


def graph_of(*steps: Screen[...] | Action[...] | Answer[...]) -> Graph:
    standing = (Elsewhere("the page before"),)
    beginnings = Beginnings(
        dial=read_function(_arrive, given={}),
        refusals=read_function(_place_for, given={"standing": standing}),
        shortcuts={"1": ring.name},
    )
    return join(steps={step.name: step for step in steps}, beginnings=beginnings)
