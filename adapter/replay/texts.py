"""Why a lane is left as it is, for people."""

from adapter.domain.text import Text

WHYS: dict[str, Text] = {
    "same": Text(
        sv="Dagens regler och tabeller ger samma meddelande; sänd om det i stället.",
        en="Today's rules and tables give the same message; retry it instead.",
    ),
    "still-held": Text(
        sv="Meddelandet kan fortfarande inte göras, av samma skäl.",
        en="The message still cannot be made, for the same cause.",
    ),
    "changed-since": Text(
        sv="Läget i banan har ändrats sedan planen gjordes.",
        en="The lane has changed since the plan was made.",
    ),
    "plan-outdated": Text(
        sv="Regler eller tabeller har ändrats sedan planen gjordes: resultatet blir ett annat än planerat.",
        en="Rules or tables have changed since the plan was made: the result would differ from the plan.",
    ),
    "in-doubt": Text(
        sv="Utfallet är okänt eller ett försök pågår: det måste redas ut först.",
        en="The outcome is not known, or an attempt is under way: that must be settled first.",
    ),
    "not-decided": Text(
        sv="Händelsen är ännu inte klar att rapportera, eller registret är inte påslaget.",
        en="The event is not ready to be reported yet, or the register is not enabled.",
    ),
    "not-in-bundle": Text(
        sv="Det senast mottagna underlaget nämner inte händelsen.",
        en="The newest bundle that was received does not name the event.",
    ),
    "not-kept": Text(
        sv="Det mottagna underlaget finns inte kvar.",
        en="The bundle that was received is no longer kept.",
    ),
    "damaged": Text(
        sv="Det lagrade underlaget kan inte öppnas.",
        en="The stored bundle cannot be opened.",
    ),
    "refused": Text(
        sv="Underlaget skulle avvisas i dag.",
        en="The bundle would be refused today.",
    ),
    "fault": Text(
        sv="Ett internt fel; se loggen.",
        en="An internal fault; see the log.",
    ),
}
"""By the token that items and totals carry."""
