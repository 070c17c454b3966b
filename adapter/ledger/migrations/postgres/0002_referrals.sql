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
