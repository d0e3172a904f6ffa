"""Who are Acme's customers? Made-up people with believable names, companies and plans, the same for the same seed.

Nobody here exists: their addresses end in `.example`, their numbers are of those that are kept for fiction (RFC 2606,
the North American plan's 555-01xx).
"""

from __future__ import annotations

import random
import unicodedata
from typing import Final

import msgspec

from avow.trust.contact import Scalar

FIRST_NAMES: Final = (
    "Aiko Alejandra Amara Anders Anja Anouk Arjun Astrid Ayşe Beatriz Björn Camille Carlos Chiara Daniel Diego "
    "Dmitri Elena Élodie Emeka Emma Eszter Fatima Felix Femi Florence Freya Gabriel Giulia Grace Hana Hannah "
    "Henrik Ines Ingrid Isabel Ivan Jamal Jana Jonas Julia Kofi Kwame Laila Lars Leila Léa Liam Lin Lucía Lukas "
    "Magdalena Malik Marta Mateo Mei Mia Mikael Milan Mónica Nadia Nils Noah Noor Nuno Olga Omar Oscar Paula "
    "Pedro Petra Priya Rafael Rana Ravi Rosa Samira Santiago Sara Selin Sofia Stefan Sven Tariq Tereza Thandi "
    "Theo Tomás Valentina Vera Viktor Wei Yara Yuki Yusuf Zainab Zoe"
).split()
LAST_NAMES: Final = (
    "Abdi Achieng Adeyemi Almeida Andersen Bauer Becker Bernard Bianchi Björk Carvalho Castillo Chen Costa Dahl "
    "Demir Diallo Dubois Eriksen Fernández Ferrari Fischer Fontaine Fuchs García Gruber Haddad Hansen Hashimoto "
    "Hernández Hoffmann Horvat Ibrahim Ivanova Jansen Johansson Kaya Keller Khan Kim Klein Kovács Kowalska Krüger "
    "Kumar Larsen Laurent Lefebvre Lindqvist López Maier Marino Martins Mbeki Meyer Moreau Müller Nakamura Nguyen "
    "Nielsen Novák Nowak Obi Okafor Oliveira Öztürk Papadopoulos Park Patel Pereira Popescu Rahman Ramírez Ricci "
    "Rossi Russo Sato Schmidt Schneider Sharma Silva Singh Sørensen Sousa Suzuki Svensson Takahashi Torres Traoré "
    "Vargas Varga Virtanen Vogel Wagner Walker Weber Wójcik Yamamoto Yılmaz Zhang"
).split()
COMPANIES: Final = (
    "Alder Analytics;Bluefin Freight;Brightwater Dental;Cobalt Studio;Copperleaf Foods;Driftwood Hotels;"
    "Elm Street Books;Fernhill Clinics;Fjordline Tours;Granite Legal;Greenbay Gardens;Harbour Lights;"
    "Hollow Oak Brewing;Ironbridge Tools;Juniper Health;Kestrel Aviation;Lantern Learning;Larkspur Homes;"
    "Maple & Pine;Meridian Maps;Millstone Bakery;Northwind Cycles;Orchard Robotics;Paper Crane Press;"
    "Pebble Payments;Quarry Fitness;Redwood Rentals;Saltmarsh Surf;Silver Birch Care;Skylark Events;"
    "Southgate Print;Stonecrop Capital;Tidewater Marine;Umber Interiors;Velvet Theatre;Waypoint Travel;"
    "Willow Wool;Windmill Energy;Yellow Door Estates;Zephyr Sails"
).split(";")
PLANS: Final = ("free", "starter", "pro", "enterprise")
_LANGUAGES: Final = ("en", "en", "en", "de", "fr", "es", "pt", "sv", "ja", "it")
_JOBS: Final = ("founder", "product", "support", "engineering", "operations", "finance", "marketing")


class Person(msgspec.Struct, frozen=True):
    """One customer. `signed_up_at` is Unix seconds; `plans` what she was on, first to last."""

    user_id: str
    name: str
    email: str
    company: str
    job: str
    language: str
    phone: str
    plans: tuple[str, ...]
    seats: int
    signed_up_at: int

    def facts(self, plan: str) -> dict[str, Scalar]:
        """What Acme's backend signs about her."""
        return {
            "name": self.name,
            "email": self.email,
            "plan": plan,
            "seats": self.seats,
            "company_name": self.company,
            "created_at": self.signed_up_at,
        }


def people(dice: random.Random, count: int, *, first_day: int, last_day: int) -> list[Person]:
    """So many different people who signed up between two moments, in the order in which they did."""
    pairs = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    moments = sorted(dice.randrange(first_day, last_day) for _ in range(count))
    chosen = dice.sample(pairs, count)
    return [
        _person(dice, 1001 + number, first, last, at)
        for number, ((first, last), at) in enumerate(zip(chosen, moments, strict=True))
    ]


def _person(dice: random.Random, number: int, first: str, last: str, at: int) -> Person:
    company = dice.choice(COMPANIES)
    start = dice.choices((0, 1, 2), (5, 4, 1))[0]
    end = min(3, start + dice.choices((0, 1, 2), (6, 3, 1))[0])
    local, host = f"{_ascii(first)}.{_ascii(last)}", f"{_ascii(company)}.example"
    return Person(
        f"acme-{number}",
        f"{first} {last}",
        f"{local}@{host}",
        company,
        dice.choice(_JOBS),
        dice.choice(_LANGUAGES),
        f"+1 555 01{dice.randrange(100):02}",
        PLANS[start : end + 1],
        dice.choices((1, 2, 3, 5, 8, 12, 25, 60), (8, 6, 6, 5, 4, 3, 2, 1))[0],
        at,
    )


def _ascii(text: str) -> str:
    """Letters as an address has them."""
    spelled = text.lower().replace("ø", "o").replace("ł", "l").replace("ı", "i")
    plain = unicodedata.normalize("NFKD", spelled)
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
