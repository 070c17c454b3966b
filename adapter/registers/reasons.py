"""What an operator reads about an outcome when the register itself gave no reason."""

from adapter.domain.text import Text

_REASONS = {
    "dns": Text("Registrets adress kunde inte slås upp.", "The register's address could not be resolved."),
    "connect": Text("Ingen förbindelse med registret.", "No connection to the register."),
    "connect-timeout": Text("Förbindelsen tog för lång tid.", "Connecting took too long."),
    "pool-timeout": Text("Ingen ledig förbindelse till registret.", "No free connection to the register."),
    "tls-refused": Text(
        "Registret avbröt innan den säkra förbindelsen fanns.",
        "The register hung up before the secure connection was made.",
    ),
    "tls": Text(
        "Den säkra förbindelsen misslyckades: kontrollera certifikaten.",
        "The secure connection failed: check the certificates.",
    ),
    "write": Text("Förbindelsen bröts under sändningen.", "The connection broke while sending."),
    "write-timeout": Text("Sändningen tog för lång tid.", "Sending took too long."),
    "read": Text("Förbindelsen bröts innan svaret kom.", "The connection broke before the answer came."),
    "read-timeout": Text("Svaret kom inte i tid.", "The answer did not come in time."),
    "protocol": Text("Svaret följde inte HTTP.", "The answer was not HTTP."),
    "no-answer": Text("Inget svar finns.", "There is no answer."),
    "answer-unreadable": Text(
        "Registrets svar kunde inte tolkas.", "The register's answer could not be read."
    ),
    "answer-mismatch": Text(
        "Registrets svar gällde en annan händelse.", "The register's answer was about another event."
    ),
    "answer-received": Text(
        "Registret sade bara att det tagit emot anropet.",
        "The register said only that it had received the request.",
    ),
    "answer-error": Text(
        "Registret svarade med ett fel utan förklaring.", "The register answered with an unexplained error."
    ),
    "awaiting-receipt": Text(
        "Levererat. Mottagarens kvitto har inte kommit än.",
        "Delivered. The receiver's receipt has not come yet.",
    ),
    "receipt-rejected": Text(
        "Mottagarens kvitto avvisar posten utan förklaring.",
        "The receiver's receipt rejects the record without an explanation.",
    ),
    "not-published": Text(
        "Filen är skriven men ligger inte på plats än. Den flyttas dit när mappen går att använda.",
        "The file is written but not in its place yet. It is moved there when the folder can be used.",
    ),
    "disk-full": Text("Disken där filerna läggs är full.", "The disk that takes the files is full."),
    "folder-missing": Text(
        "Mappen där filerna läggs finns inte.", "The folder that takes the files is gone."
    ),
    "folder-not-writable": Text(
        "Mappen där filerna läggs går inte att skriva i.",
        "The folder that takes the files cannot be written.",
    ),
    "folder-busy": Text("En annan process arbetar i mappen.", "Another process works in the folder."),
    "folder-error": Text(
        "Mappen där filerna läggs svarar med fel.", "The folder that takes the files answers with an error."
    ),
    "file-name-taken": Text(
        "En främmande fil står där batchens fil ska ligga.",
        "A foreign file stands where the batch's file belongs.",
    ),
    "index-unreadable": Text(
        "Förteckningen över levererade filer går inte att läsa.",
        "The index of delivered files cannot be read.",
    ),
    "closed": Text("Tjänsten håller på att stanna.", "The service is stopping."),
    "http-401": Text(
        "Registret godtog inte vår identitet: kontrollera certifikatet.",
        "The register did not accept our identity: check the certificate.",
    ),
    "http-403": Text(
        "Registret tillåter inte rapportering för enheten.",
        "The register does not permit reporting for the unit.",
    ),
    "http-404": Text("Registret har inte händelsen.", "The register does not have the event."),
    "http-409": Text("Registret har redan händelsen.", "The register already has the event."),
    "http-429": Text("Registret ber oss vänta.", "The register asks us to wait."),
    "http-503": Text("Registret är inte tillgängligt.", "The register is not available."),
}


def reason_of(cause: str) -> Text:
    """The text for a cause token of our own; every ``http-...`` has at least its status."""
    reason = _REASONS.get(cause)
    if reason is not None:
        return reason
    status = cause.removeprefix("http-")
    return Text(f"Registret svarade med HTTP {status}.", f"The register answered HTTP {status}.")
