-- Visits that follow on an earlier contact (a phone call that led to a visit on the same day), whichever bundle
-- brought which: the earlier contact's type depends on the visit.

CREATE TABLE referrals (
    sender TEXT NOT NULL,
    contact TEXT NOT NULL,               -- the identifier of the earlier contact
    visit TEXT NOT NULL,                 -- the event that followed on it
    standing INTEGER NOT NULL,           -- 0: the visit was cancelled, or names another contact now
    pending INTEGER NOT NULL,            -- 1: the earlier contact is to be looked at again
    since DOUBLE PRECISION NOT NULL,
    facts_json TEXT NOT NULL,            -- the visit: date, unit, staff (HSA-ids), channel
    PRIMARY KEY (sender, contact, visit)
);
CREATE INDEX referrals_visit ON referrals (visit);
CREATE INDEX referrals_pending ON referrals (since) WHERE pending = 1;

-- The keys that payloads have been sealed with: a service that lacks one of them cannot read the ledger.
CREATE TABLE sealing_keys (
    key_id TEXT PRIMARY KEY,             -- eight hex digits, made from the key; they tell nothing of it
    since DOUBLE PRECISION NOT NULL
);
