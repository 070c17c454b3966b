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
