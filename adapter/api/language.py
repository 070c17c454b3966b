"""Which language an answer speaks."""

from functools import lru_cache

from adapter.domain.text import Lang


@lru_cache(maxsize=256)
def preferred(accept_language: str | None) -> Lang:
    """The better liked of Swedish and English in an Accept-Language header; Swedish when it names neither."""
    best: Lang = "sv"
    highest = 0.0
    for part in (accept_language or "").split(","):
        tag, _, parameters = part.strip().lower().partition(";")
        language = tag.partition("-")[0]
        weight = _weight(parameters)
        if language in ("sv", "en") and weight > highest:
            best, highest = ("sv" if language == "sv" else "en"), weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
