"""A register of synthetic facilities that changes from day to day like a real one.

Places are real: states are drawn by population, and city, state and ZIP belong together. The kind of a
facility decides its size, its services, its labs and the bodies that accredit it. Between two snapshots some
facilities close and new ones open in their place, some change their name, and accreditations are renewed, in
time or late.

Everything is drawn from the seed and the facility's number. Any part of any snapshot can be made without
the rest, and the same arguments give the same bytes.
"""

from __future__ import annotations

import csv
import random
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
import zipcodes
from faker import Faker

Record = dict[str, Any]
_Item = TypeVar("_Item")

#: The first snapshot of the original data set. Until then no facility closes or changes its name.
REGISTER_BEGINS = date(2025, 8, 10)
#: The shares of facilities that close, and that change their name, in a year.
_CLOSE_PER_YEAR = 0.06
_RENAME_PER_YEAR = 0.06
_YEAR = 365.25

#: 2020 Census, resident population: P.L. 94-171 for states, DC and Puerto Rico; 2020 Island Areas Censuses.
_POPULATIONS = Path(__file__).with_name("state_populations.csv")
_VOCABULARY = Path(__file__).with_name("vocabulary.yml")

#: The days for which a body accredits. Most bodies accredit for three years.
_PERIOD = 1095
#: The number of days by which a renewal precedes the accreditation's end. A negative number is a late
#: renewal. Most are renewed in time, some lapse for weeks, and some for up to two and a half years. Every
#: accreditation goes through the list from its own start. No renewal may be a whole period late, because the
#: next renewal would come before it.
_RENEWED_BEFORE = [
    *(10 + 110 * step // 73 for step in range(73)),
    *(-3 - 11 * step for step in range(8)),
    *(-150 - 40 * step for step in range(20)),
]


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of facility, see vocabulary.yml.

    Attributes:
        name: the end of the facility's name.
        share: its part of all facilities, as a weight.
        employees: the fewest and the most; small numbers are more frequent.
        services: the services that every facility of this kind offers.
        other_services: the services that some of them offer.
        bodies: the accrediting bodies, by the prefixes of their ids; a body given twice is twice as frequent.
        labs: the fewest and the most.
        named_after: the source of the beginning of the name: city, saint, virtue, surname or landscape.
        city_only: found only in places with several ZIP codes.
    """

    name: str
    share: int
    employees: tuple[int, int]
    services: list[str]
    other_services: list[str]
    bodies: list[str]
    labs: tuple[int, int]
    named_after: list[Literal["city", "saint", "virtue", "surname", "landscape"]]
    city_only: bool = False


class Vocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of records, see vocabulary.yml.

    Attributes:
        bodies: the names of accreditation bodies, by the prefix of their ids.
        labs, certifications: the names of labs, and their certifications.
        saints, virtues: beginnings of names.
        landscapes: first and second parts of other beginnings.
        streets: first and second parts of street names.
        kinds: the kinds of facility.
    """

    bodies: dict[str, str]
    labs: list[str]
    certifications: list[str]
    saints: list[str]
    virtues: list[str]
    landscapes: tuple[list[str], list[str]]
    streets: tuple[list[str], list[str]]
    kinds: list[Kind]


@cache
def vocabulary() -> Vocabulary:
    """The words of records.

    Raises:
        msgspec.ValidationError: vocabulary.yml has a wrong field.
    """
    return msgspec.yaml.decode(_VOCABULARY.read_bytes(), type=Vocabulary)


class _Place(NamedTuple):
    city: str
    state: str
    zip_code: str


class _Places:
    """Draws the places of facilities: first a state by its population, then one of its ZIP codes.

    A city with many ZIP codes is drawn more often than a village, because more people live there.
    """

    #: A place with at least this many ZIP codes is a city. More ZIP codes do not make it more frequent.
    CITY = 4

    def __init__(self) -> None:
        with _POPULATIONS.open(encoding="utf-8", newline="") as file:
            populations = {row["state"]: int(row["population"]) for row in csv.DictReader(file)}
        self._states = list(populations)
        self._by_population = list(accumulate(populations.values()))
        places_of_state: dict[str, list[_Place]] = defaultdict(list)
        for entry in zipcodes.list_all():
            # UNIQUE ZIP codes belong to one large receiver of mail. The smallest territories have only boxes.
            usable = entry["zip_code_type"] == "STANDARD" or entry["state"] in ("AS", "MP")
            if usable and entry["active"] and entry["state"] in populations:
                places_of_state[entry["state"]].append(
                    _Place(entry["city"], entry["state"], entry["zip_code"])
                )
        self._places: dict[str, tuple[list[_Place], list[int]]] = {}
        self._cities: dict[str, tuple[list[_Place], list[int]]] = {}
        for state, places in places_of_state.items():
            codes = Counter(place.city for place in places)
            largest = min(self.CITY, max(codes.values()))
            self._places[state] = (
                places,
                list(accumulate(min(self.CITY, codes[place.city]) for place in places)),
            )
            cities = [place for place in places if codes[place.city] >= largest]
            self._cities[state] = cities, list(range(1, len(cities) + 1))

    def pick(self, in_states: float, in_state: float, *, city: bool) -> _Place:
        """The place for two random numbers, each from 0 to below 1."""
        state = self._states[_position(self._by_population, in_states)]
        places, weights = (self._cities if city else self._places)[state]
        return places[_position(weights, in_state)]


def _position(cumulated: list[int], at: float) -> int:
    return bisect(cumulated, int(at * cumulated[-1]))


@cache
def _places() -> _Places:
    return _Places()


@cache
def _surnames(seed: int) -> list[str]:
    faker = Faker("en_US")
    faker.seed_instance(seed)
    return [faker.last_name() for _ in range(500)]


_iso = cache(lambda ordinal: date.fromordinal(ordinal).isoformat())


class Facilities:
    """The facilities of one seed, as they are on one day.

    Args:
        seed: another seed gives another register.
        snapshot: the day.
    """

    def __init__(self, seed: int, snapshot: date) -> None:
        self._seed = seed
        self._snapshot = snapshot.isoformat()
        self._today = snapshot.toordinal()
        self._words = vocabulary()
        self._surnames = _surnames(seed)
        self._places = _places()
        self._shares = list(accumulate(kind.share for kind in self._words.kinds))
        self._random = random.Random()
        self._draw = self._random.random

    def record(self, number: int) -> Record:
        """The valid record of the facility with this number in the register on this day.

        Its id is FAC and the number, for example FAC00021. After it closes, another facility takes its place,
        FAC00021-2, and so on. Each number has one facility on each day.
        """
        opened, generation = REGISTER_BEGINS.toordinal(), 1
        while (closes := opened + self._tenure(number, generation)) <= self._today:
            opened, generation = closes, generation + 1
        draw = self._draw
        kind = self._words.kinds[_position(self._shares, draw())]
        place = self._places.pick(draw(), draw(), city=kind.city_only)
        fewest, most = kind.employees
        first = int(draw() * len(kind.named_after))
        names = [
            self._first_part(kind.named_after[(first + more) % len(kind.named_after)], place)
            for more in range(2)
        ]
        renamed = opened + self._random.expovariate(_RENAME_PER_YEAR / _YEAR) <= self._today
        return {
            "facility_id": f"FAC{number:05d}" + (f"-{generation}" if generation > 1 else ""),
            "facility_name": f"{names[renamed]} {kind.name}",
            "location": {
                "address": self._address(),
                "city": place.city,
                "state": place.state,
                "zip": place.zip_code,
            },
            "employee_count": int(fewest * (most / fewest) ** (draw() ** 1.5)),
            "services": self._services(kind),
            "labs": [self._lab() for _ in range(self._between(*kind.labs))],
            "accreditations": self._accreditations(kind, opened if generation > 1 else None),
            "snapshot_date": self._snapshot,
        }

    def _tenure(self, number: int, generation: int) -> int:
        """The days on which a facility is open. All later random draws belong to this facility."""
        self._random.seed((self._seed << 64) + (generation << 48) + number)
        return 1 + int(self._random.expovariate(_CLOSE_PER_YEAR / _YEAR))

    def _one_of(self, items: Sequence[_Item]) -> _Item:
        return items[int(self._draw() * len(items))]

    def _between(self, fewest: int, most: int) -> int:
        return fewest + int(self._draw() * (most - fewest + 1))

    def _address(self) -> str:
        # Low house numbers are more frequent.
        return f"{1 + int(self._draw() ** 2 * 9900)} {' '.join(map(self._one_of, self._words.streets))}"

    def _first_part(self, source: str, place: _Place) -> str:
        match source:
            case "saint":
                return f"St. {self._one_of(self._words.saints)}'s"
            case "virtue":
                return self._one_of(self._words.virtues)
            case "surname":
                return self._one_of(self._surnames)
            case "landscape":
                return "".join(map(self._one_of, self._words.landscapes))
            case _:
                return place.city

    def _services(self, kind: Kind) -> list[str]:
        others = kind.other_services
        first, count = int(self._draw() * len(others)), int(self._draw() * len(others))
        return [*kind.services, *(others + others)[first : first + count]]

    def _lab(self) -> Record:
        certifications = self._words.certifications
        first = int(self._draw() * len(certifications))
        return {
            "lab_name": self._one_of(self._words.labs),
            "certifications": certifications[first : first + 1 + int(self._draw() * 2)],
        }

    def _accreditations(self, kind: Kind, opened: int | None) -> list[Record]:
        """One accreditation, or two by different bodies.

        Args:
            kind: the kind of facility, which has the bodies.
            opened: the first day of the first accreditation; None if the facility is older than the register.
        """
        body = self._one_of(kind.bodies)
        held = [self._accreditation(body, opened)]
        other = self._one_of(kind.bodies)
        if other != body and self._draw() < 0.5:
            held.append(self._accreditation(other, opened))
        return held

    def _accreditation(self, body: str, opened: int | None) -> Record:
        """An accreditation ends on a fixed day. After a renewal it ends a whole period later."""
        draw = self._draw
        identifier = int(draw() * 10**6)
        first_end = (
            REGISTER_BEGINS.toordinal() + int(draw() * _PERIOD) if opened is None else opened + _PERIOD
        )
        walk = int(draw() * len(_RENEWED_BEFORE))
        # The first period that has not been renewed yet. A facility is accredited when it opens.
        period = (self._today - first_end) // _PERIOD
        if opened is not None:
            period = max(period, 0)
        while (end := first_end + period * _PERIOD) - self._renewed_before(walk, period) <= self._today:
            period += 1
        return {
            "accreditation_body": self._words.bodies[body],
            "accreditation_id": f"{body}-{identifier:06d}",
            "valid_until": _iso(end),
        }

    @staticmethod
    def _renewed_before(walk: int, period: int) -> int:
        return _RENEWED_BEFORE[(walk + period * 37) % len(_RENEWED_BEFORE)]
