"""A seeded year of a city, for `hub generate`: what its departments would tell the hub."""

from connectors.generate.spec import CitySpec, city_year, district_day, quarter_burst
from connectors.generate.summary import Summary, Tally, summary
from connectors.generate.year import generate

__all__ = [
    "CitySpec",
    "Summary",
    "Tally",
    "city_year",
    "district_day",
    "generate",
    "quarter_burst",
    "summary",
]
