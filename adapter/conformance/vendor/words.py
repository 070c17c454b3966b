"""The words of the vendor report in both languages."""

from adapter.domain.text import Text

WORDS: dict[str, Text] = {
    "title": Text("Leverantörsrapport", "Vendor report"),
    "lead": Text(
        "Hur väl buntarna lämpar sig för rapportering, innan något har sänts.",
        "How fit the bundles are to be reported, before anything was sent.",
    ),
    "made": Text("framställd", "made"),
    "rules": Text("regelversion", "rules"),
    "bundles": Text("buntar", "bundles"),
    "contacts": Text("vårdkontakter", "care contacts"),
    "score": Text("Resultat", "Score"),
    "score_is": Text(
        "av det som mottagarna ska få veta kan rapporteras som det är, med eller utan varningar.",
        "of what the receivers are to be told can be reported as it is, with or without warnings.",
    ),
    "no_score": Text("Inget att rapportera", "Nothing to report"),
    "receivers": Text("Mottagarna", "The receivers"),
    "receiver": Text("mottagare", "receiver"),
    "fit": Text("lämplig", "fit"),
    "remarks": Text("med varningar", "with warnings"),
    "held": Text("hålls kvar", "held"),
    "refused": Text("avvisas", "refused"),
    "not-told": Text("ska inte rapporteras", "not to be reported"),
    "degrees": Text(
        "En bunt räknas efter sin sämsta kontakt. Hålls kvar: en tabell eller inställning saknas på "
        "mottagarsidan. Avvisas: något i bunten måste ändras. Ska inte rapporteras: en regel säger att "
        "mottagaren inte får veta något.",
        "A bundle counts as its worst contact. Held: a table or configuration is missing on the receiving "
        "side. Refused: something in the bundle must change. Not to be reported: a rule says that the "
        "receiver is not told.",
    ),
    "change": Text("Att ändra", "What to change"),
    "good": Text("Inget behöver ändras.", "Nothing needs to be changed."),
    "known": Text("Bra att veta", "Good to know"),
    "rule": Text("regel", "rule"),
    "what": Text("vad och hur", "what and how"),
    "where": Text("exempel", "example"),
    "count": Text("buntar (ställen)", "bundles (places)"),
    "stops": Text("berör", "concerns"),
    "all": Text("alla", "all"),
    "todo": Text("Gör så här:", "What to do:"),
    "source": Text("Källa:", "Source:"),
    "assumed": Text("vår tolkning", "our reading"),
    "error": Text("fel", "error"),
    "warning": Text("varning", "warning"),
    "information": Text("upplysning", "information"),
    "not_told": Text("Varför en mottagare inte får veta något", "Why a receiver is not told"),
    "never_read": Text("Element som aldrig lästes", "Elements that were never read"),
    "never_lead": Text(
        "De stod i buntarna utan att något gjordes av dem. Utan skäl: se efter om något går förlorat.",
        "They stood in the bundles and nothing was made from them. Without a reason: see whether something "
        "is lost.",
    ),
    "element": Text("element", "element"),
    "reason": Text("skäl", "reason"),
    "not_opened": Text("Filer som inte kunde läsas", "Files that could not be read"),
    "file": Text("fil", "file"),
    "why": Text("varför", "why"),
    "time": Text("Resultatet över tid", "The score over time"),
    "hollow": Text(
        "En ihålig punkt är den första med en annan regelversion än punkten före.",
        "A hollow point is the first with other rules than the point before.",
    ),
    "names": Text(
        "Filnamn visas utan identitetsnummer och personnamn; filer som inte kan läsas har bara sitt nummer i "
        "bokstavsordning. Rapporten innehåller inga patientuppgifter.",
        "File names are shown without identity numbers and names of persons; files that cannot be read "
        "have their number in alphabetical order alone. The report holds no patient data.",
    ),
}
