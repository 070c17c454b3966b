"""The results of a kit as a page that stands alone: Swedish and English, no scripts, nothing fetched."""

from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from adapter.conformance.style import style
from adapter.domain.text import Lang, Text

WORDS: dict[str, Text] = {
    "title": Text("Konformitetstest", "Conformance"),
    "on": Text("prövat på", "tried on"),
    "passed": Text("godkända", "passed"),
    "failed": Text("underkända", "failed"),
    "not-run": Text("ej körda", "not run"),
    "one-passed": Text("godkänt", "passed"),
    "one-failed": Text("underkänt", "failed"),
    "one-not-run": Text("ej kört", "not run"),
    "wrong": Text("Vad som blev fel", "What went wrong"),
    "none": Text("Alla fall som kördes är godkända.", "All cases that were run passed."),
    "cases": Text("Alla fall", "All cases"),
    "case": Text("fall", "case"),
    "cell": Text("ruta: slag, regel, mottagare, utgåva, fel", "cell: kind, rule, receiver, edition, error"),
    "origin": Text("källa", "origin"),
    "result": Text("resultat", "result"),
    "unseen": Text("kunde inte iakttas", "not observable"),
}

_TEMPLATE = """\
<!doctype html>
<html lang="{{ langs[-1] }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ words.title.to(langs[-1]) }}: {{ d.kit }}</title>
<style>
{{ style }}</style>
</head>
<body>
{% for lang in langs %}
{% macro t(name) %}{{ words[name].to(lang) }}{% endmacro %}
<main class="language" id="{{ lang }}" lang="{{ lang }}">
<nav><a href="#sv" lang="sv">Svenska</a><a href="#en" lang="en">English</a></nav>
<h1>{{ t("title") }}: {{ d.title[lang] }}</h1>
<p class="small">{{ t("on") }} {{ d.on }}, {{ d.at[:16] | replace("T", " ") }}</p>
<p class="score">{{ d.passed }} / {{ d.passed + d.failed }}</p>
<p><span class="passed">{{ d.passed }} {{ t("passed") }}</span>,
<span class="failed">{{ d.failed }} {{ t("failed") }}</span>, {{ d.not_run }} {{ t("not-run") }}</p>
<h2>{{ t("wrong") }}</h2>
{% if not d.failed %}<p class="passed">{{ t("none") }}</p>{% endif %}
{% for one in d.cases if one.verdict == "failed" %}
<h3><code>{{ one.id }}</code></h3>
<p>{{ one.title[lang] }} <span class="small">({{ one.origin.document }}, {{ one.origin.section }})</span></p>
<ul>{% for text in one.complaints %}<li class="failed">{{ text[lang] }}</li>{% endfor %}</ul>
{% endfor %}
<h2>{{ t("cases") }}</h2>
<table>
<tr><th>{{ t("case") }}</th><th>{{ t("cell") }}</th><th>{{ t("origin") }}</th><th>{{ t("result") }}</th></tr>
{% for one in d.cases %}
<tr><td>{{ one.title[lang] }}<br><code>{{ one.id }}</code></td>
<td>{{ one.cell.kind }}, <code>{{ one.cell.rule }}</code>, {{ one.cell.register }}, {{ one.cell.edition }},
{{ one.cell.error }}</td>
<td>{{ one.origin.document }}, {{ one.origin.section }}
{%- if one.origin.url %} <code>{{ one.origin.url }}</code>{% endif %}</td>
<td><span class="{{ one.verdict }}">{{ t("one-" ~ one.verdict) }}</span>
{%- if one.why %}<br><span class="small">{{ one.why[lang] }}</span>{% endif %}
{%- if one.not_observable %}<br>
<span class="small">{{ t("unseen") }}: {{ one.not_observable | join(", ") }}</span>{% endif %}</td></tr>
{% endfor %}
</table>
</main>
{% endfor %}
</body>
</html>
"""

_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(_TEMPLATE)


def page(document: dict[str, Any], first: Lang) -> str:
    """The page of a summary (adapter.conformance.summary); `first` is the language that shows."""
    other: Lang = "en" if first == "sv" else "sv"
    sheet = Markup(style(first))  # noqa: S704 - a constant
    return _PAGE.render(d=document, langs=(other, first), words=WORDS, style=sheet)
