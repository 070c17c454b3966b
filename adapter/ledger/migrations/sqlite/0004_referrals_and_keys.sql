-- Visits that follow on an earlier contact (a phone call that led to a visit on the same day), whichever bundle
-- brought which: the earlier contact's type depends on the visit.

CREATE TABLE referrals (
    sender TEXT NOT NULL,
    contact TEXT NOT NULL,               -- the identifier of the earlier contact
    visit TEXT NOT NULL,                 -- the event that followed on it
    standing INTEGER NOT NULL,           -- 0: the visit was cancelled, or names another contact now
    pending INTEGER NOT NULL,            -- 1: the earlier contact is to be looked at again
    since REAL NOT NULL,
    facts BLOB NOT NULL,                 -- the visit: date, unit, staff, patient: sealed
    PRIMARY KEY (sender, contact, visit)
);
CREATE INDEX referrals_visit ON referrals (visit);
CREATE INDEX referrals_pending ON referrals (since) WHERE pending = 1;

-- The keys that payloads have been sealed with: a service that lacks one of them cannot read the ledger.
CREATE TABLE sealing_keys (
    key_id TEXT PRIMARY KEY,             -- eight hex digits, made from the key; they tell nothing of it
    since REAL NOT NULL
);

-- Whom was met where on which day, to find contacts and visits that nothing links. day_key is a keyed hash of
-- patient, unit and day: it tells nothing without the ledger's secret, which is sealed.
ALTER TABLE events ADD COLUMN day_key TEXT;
ALTER TABLE events ADD COLUMN role TEXT;     -- 'contact' (by phone or video, replaces no visit) or 'visit'
ALTER TABLE events ADD COLUMN met BLOB;     -- when, where, who: sealed
ALTER TABLE events ADD COLUMN unpaired SMALLINT NOT NULL DEFAULT 0; -- 1: to be looked at by whoever suggests
CREATE INDEX events_day ON events (day_key) WHERE day_key IS NOT NULL;
CREATE INDEX events_unpaired ON events (event_id) WHERE unpaired = 1;

CREATE TABLE suggestions (
    contact TEXT NOT NULL,               -- the event of the earlier contact
    visit TEXT NOT NULL,                 -- the event of the visit
    state TEXT NOT NULL,                 -- 'open', 'linked', 'dismissed', 'closed' (no longer true)
    since REAL NOT NULL,
    actor TEXT,
    reason TEXT,
    PRIMARY KEY (contact, visit)
);
CREATE INDEX suggestions_open ON suggestions (since) WHERE state = 'open';
CREATE INDEX suggestions_visit ON suggestions (visit);

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    secret BLOB NOT NULL                 -- sealed
);

-- Whether the event's patient has a protected identity: its bundle is shown to those with that right only.
ALTER TABLE events ADD COLUMN protected SMALLINT NOT NULL DEFAULT 0;
