"""The report of a trial as a page that stands alone: no scripts, nothing fetched, every text escaped."""

from typing import Any

from jinja2 import Environment

_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trial of rules</title>
<style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;color:#1b1b1b}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}caption{text-align:left;color:#444}
th,td{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}
th{background:#eef2f5}td.n{text-align:right;font-variant-numeric:tabular-nums}
code{font-size:.85em;overflow-wrap:anywhere}.ok{color:#0a6b2d}.not{color:#8a4b00}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}dt{color:#444}dd{margin:0}
</style>
</head>
<body>
<h1>Trial of rules, maps and tables</h1>
<dl>
<dt>tried</dt><dd>version <code>{{ d.version }}</code>{% if d.overlay %}, with {{ d.overlay }}{% endif %}</dd>
<dt>in use</dt><dd>version <code>{{ d.in_use }}</code></dd>
<dt>contacts</dt><dd>{{ d.compared }} compared
{% if d.not_kept %}, {{ d.not_kept }} no longer kept{% endif %}</dd>
<dt>dates of care</dt><dd>{{ d.chosen.since or "the first" }} to {{ d.chosen.until or "the last" }}</dd>
{% if d.chosen.sender %}<dt>sender</dt><dd>{{ d.chosen.sender }}</dd>{% endif %}
{% if d.chosen.register %}<dt>register</dt><dd>{{ d.chosen.register }}</dd>{% endif %}
</dl>
{% if not d.changes %}
<p class="ok">Nothing would change.</p>
{% else %}
<p class="not">{{ d.changes }} changes. Nothing was sent and nothing was written.</p>
<h2>By register</h2>
<table>
<tr><th>register</th><th>service</th><th>what</th><th>contacts</th><th>events, for example</th></tr>
{% for one in d.kinds %}
<tr><td>{{ one.register }}</td><td>{{ one.service }}</td><td>{{ words[one.kind] }}</td>
<td class="n">{{ one.contacts }}</td>
<td>{% for event in one.examples %}<code>{{ event }}</code> {% endfor %}</td></tr>
{% endfor %}
</table>
<h2>By rule or map</h2>
<table>
<tr><th>rule or map</th><th>what</th><th>contacts</th></tr>
{% for one in d.rules %}
<tr><td><code>{{ one.rule }}</code></td><td>{{ words[one.kind] }}</td>
<td class="n">{{ one.contacts }}</td></tr>
{% endfor %}
</table>
<h2>By unit</h2>
<table>
<tr><th>unit</th><th>register</th><th>what</th><th>contacts</th></tr>
{% for one in d.units %}
<tr><td><code>{{ one.unit or "-" }}</code></td><td>{{ one.register }}</td><td>{{ words[one.kind] }}</td>
<td class="n">{{ one.contacts }}</td></tr>
{% endfor %}
</table>
{% if d.fields %}
<h2>Members of messages</h2>
<table>
<tr><th>register</th><th>member</th><th>contacts</th><th>codes: was &rarr; would be</th></tr>
{% for one in d.fields %}
<tr><td>{{ one.register }}</td><td><code>{{ one.field }}</code></td><td class="n">{{ one.contacts }}</td>
<td>{% for pair in one.pairs %}
{{ pair.before }} &rarr; {{ pair.after }} ({{ pair.contacts }})<br>
{% endfor %}</td>
</tr>
{% endfor %}
</table>
{% endif %}
{% endif %}
</body>
</html>
"""
WORDS = {
    "changed": "another message",
    "newly-held": "would be held",
    "newly-accepted": "would be held no more",
    "newly-not-reported": "would not be reported any more",
    "newly-reported": "would be reported",
    "held-otherwise": "would be held for another cause",
    "unreadable": "could not be read any more",
}

_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(_TEMPLATE)


def page(document: dict[str, Any]) -> str:
    """The page of a report as `vardbro rules try --json` prints it."""
    return _PAGE.render(d=document, words=WORDS)
