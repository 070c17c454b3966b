"""The results as JUnit XML, which build servers read. Pure."""

from lxml import etree

from adapter.conformance.running import CaseResult, Results
from adapter.domain.text import Lang


def junit(results: Results, lang: Lang) -> bytes:
    """One test suite; a case is a test case whose class is its contact kind. What could not be seen is told
    in ``system-out``."""
    suite = etree.Element(
        "testsuite",
        name=f"{results.kit.manifest.name} on {results.on}",
        tests=str(len(results.cases)),
        failures=str(results.count("failed")),
        errors="0",
        skipped=str(results.count("not-run")),
    )
    for one in results.cases:
        _case(suite, one, lang)
    root = etree.Element("testsuites")
    root.append(suite)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _case(suite: etree._Element, one: CaseResult, lang: Lang) -> None:
    cell = one.case.cell
    case = etree.SubElement(suite, "testcase", classname=f"{cell.kind}.{cell.register}", name=one.case.id)
    if one.verdict == "failed":
        told = [text.to(lang) for text in one.complaints]
        failure = etree.SubElement(case, "failure", message=told[0], type=cell.rule)
        failure.text = "\n".join((one.case.title.to(lang), *told))
    elif one.why is not None:
        etree.SubElement(case, "skipped", message=one.why.to(lang))
    if one.unseen:
        etree.SubElement(case, "system-out").text = f"not observable: {', '.join(one.unseen)}"
