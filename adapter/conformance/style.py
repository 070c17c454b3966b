"""What the pages of the kit share: no scripts, nothing fetched, two languages, fit to be printed."""

STYLE = """\
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:68rem;padding:0 1rem}
body{color:#1b1b1b;background:#fff}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0}caption{text-align:left;color:#444}
th,td{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}
th{background:#eef2f5}td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
code{font-size:.85em;overflow-wrap:anywhere}.small{color:#444;font-size:.87em}
.score{font-size:2.6rem;font-weight:600;margin:.3rem 0}
.error,.failed{color:#a31515}.warning,.held{color:#7a4a00}.information,.passed,.fit{color:#0a5a28}
.bar{display:flex;height:1.1rem;border:1px solid #555;min-width:9rem}
.bar span{display:block;height:100%}
.b-fit{background:#2e7d4f}.b-remarks{background:#9bc53d}.b-held{background:#e6a23c}.b-refused{background:#b3261e}
.b-not-told{background:#b9c2c9}
nav{float:right}nav a{margin-left:.8rem}
.language{display:none}
#FIRST{display:block}
.language:target{display:block}
.language:target~#FIRST{display:none}
@media print{nav{display:none}body{margin:0;max-width:none;font-size:11px}tr{break-inside:avoid}
.bar,.bar span{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""


def style(first: str) -> str:
    """The sheet of a page whose language `first` (``sv``, ``en``) shows until the other is asked for.

    The part of that language must stand last in the page.
    """
    return STYLE.replace("#FIRST", f"#{first}")
