"""The vendor report as a page that stands alone: Swedish and English, no scripts, nothing fetched."""

from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from adapter.conformance.style import style
from adapter.conformance.vendor.chart import chart
from adapter.conformance.vendor.fitness import DEGREES
from adapter.conformance.vendor.words import WORDS
from adapter.domain.text import Lang

_TEMPLATE = """\
<!doctype html>
<html lang="{{ langs[-1] }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ words.title.to(langs[-1]) }}</title>
<style>
{{ style }}</style>
</head>
<body>
{% for lang in langs %}
{% macro t(name) %}{{ words[name].to(lang) }}{% endmacro %}
<main class="language" id="{{ lang }}" lang="{{ lang }}">
<nav><a href="#sv" lang="sv">Svenska</a><a href="#en" lang="en">English</a></nav>
<h1>{{ t("title") }}</h1>
<p>{{ t("lead") }}<br><span class="small">{{ t("made") }} {{ d.at[:16] | replace("T", " ") }},
{{ t("rules") }} <code>{{ d.rules }}</code>, {{ t("bundles") }}: {{ d.bundles }},
{{ t("contacts") }}: {{ d.contacts }}</span></p>
{% if d.score is none %}
<p class="score">{{ t("no_score") }}</p>
{% else %}
<p class="score">{{ number(d.score, lang) }} %</p>
<p>{{ t("score_is") }}</p>
{% endif %}
<h2>{{ t("receivers") }}</h2>
<table>
<tr><th>{{ t("receiver") }}</th><th>{{ t("score") }}</th><th></th>
{% for degree in degrees %}<th>{{ t(degree) }}</th>{% endfor %}</tr>
{% for one in d.registers %}
<tr><td>{{ one.register }}</td>
<td class="n">{% if one.score is none %}-{% else %}{{ number(one.score, lang) }} %{% endif %}</td>
<td><div class="bar" role="img"
aria-label="{% for degree in degrees %}{{ t(degree) }} {{ one[degree] }}, {% endfor %}">
{% for degree in degrees if one[degree] %}
<span class="b-{{ degree }}" style="width:{{ one.shares[degree] }}%"></span>{% endfor %}
</div></td>
{% for degree in degrees %}<td class="n">{{ one[degree] }}
<span class="small">({{ number(one.shares[degree] or 0.0, lang) }} %)</span></td>{% endfor %}</tr>
{% endfor %}
</table>
<p class="small">{{ t("degrees") }}</p>
{% if charts[lang] %}
<h2>{{ t("time") }}</h2>
{{ charts[lang] }}
<p class="small">{{ t("hollow") }}</p>
{% endif %}
<h2>{{ t("change") }}</h2>
{% set wrong = d.findings | rejectattr("severity", "equalto", "information") | list %}
{% set known = d.findings | selectattr("severity", "equalto", "information") | list %}
{% if not wrong %}<p class="fit">{{ t("good") }}</p>{% endif %}
{% for title, listed in (("", wrong), ("known", known)) if listed %}
{% if title %}<h2>{{ t(title) }}</h2>{% endif %}
<table>
<tr><th>{{ t("rule") }}</th><th>{{ t("count") }}</th><th>{{ t("stops") }}</th><th>{{ t("what") }}</th>
<th>{{ t("where") }}</th></tr>
{% for one in listed %}
<tr><td><code>{{ one.rule }}</code><br><span class="{{ one.severity }}">{{ t(one.severity) }}</span></td>
<td class="n">{{ one.bundles }} ({{ one.places }})</td>
<td>{{ one.registers | join(", ") or t("all") }}</td>
<td>{{ one.text[lang] }}{% if one.todo %}<br><b>{{ t("todo") }}</b> {{ one.todo[lang] }}{% endif %}<br>
<span class="small">{{ t("source") }} {{ one.source.document }}, {{ one.source.section }}
{%- if one.assumed %} ({{ t("assumed") }}){% endif %}</span></td>
<td>{{ one.example.file }}
{% if one.example.expression %}<br><code>{{ broken(one.example.expression) }}</code>{% endif %}</td>
</tr>
{% endfor %}
</table>
{% endfor %}
{% if d.not_told %}
<h2>{{ t("not_told") }}</h2>
<table>
<tr><th>{{ t("receiver") }}</th><th>{{ t("rule") }}</th><th>{{ t("bundles") }}</th>
<th>{{ t("what") }}</th></tr>
{% for one in d.not_told %}
<tr><td>{{ one.register }}</td><td><code>{{ one.rule }}</code></td><td class="n">{{ one.bundles }}</td>
<td>{{ one.text[lang] }}</td></tr>
{% endfor %}
</table>
{% endif %}
{% if d.never_read %}
<h2>{{ t("never_read") }}</h2>
<p>{{ t("never_lead") }}</p>
<table>
<tr><th>{{ t("element") }}</th><th>{{ t("count") }}</th><th>{{ t("reason") }}</th></tr>
{% for one in d.never_read %}
<tr><td><code>{{ broken(one.element) }}</code></td><td class="n">{{ one.bundles }} ({{ one.places }})</td>
<td>{{ one.reason[lang] if one.reason else "" }}</td></tr>
{% endfor %}
</table>
{% endif %}
{% if d.not_opened %}
<h2>{{ t("not_opened") }}</h2>
<table>
<tr><th>{{ t("file") }}</th><th>{{ t("why") }}</th></tr>
{% for one in d.not_opened %}
<tr><td>{{ one.file }}</td><td>{{ one.why }}</td></tr>
{% endfor %}
</table>
{% endif %}
<p class="small">{{ t("names") }}</p>
</main>
{% endfor %}
</body>
</html>
"""

_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(_TEMPLATE)


def page(document: dict[str, Any], first: Lang) -> str:
    """The page of a report (adapter.conformance.vendor.document); `first` is the language that shows."""
    other: Lang = "en" if first == "sv" else "sv"
    drawn = {
        lang: Markup(chart(document["history"], WORDS["time"].to(lang)))  # noqa: S704 - made by us, escaped there
        for lang in (other, first)
    }
    return _PAGE.render(
        d=document,
        langs=(other, first),
        words=WORDS,
        degrees=DEGREES,
        charts=drawn,
        style=Markup(style(first)),  # noqa: S704 - a constant
        number=_number,
        broken=_broken,
    )


def _broken(path: str) -> Markup:
    """A path that can be broken after its dots."""
    return Markup(".<wbr>").join(path.split("."))


def _number(value: float, lang: Lang) -> str:
    """A number with one decimal, as the language writes it."""
    text = f"{value:.1f}".removesuffix(".0")
    return text.replace(".", ",") if lang == "sv" else text
