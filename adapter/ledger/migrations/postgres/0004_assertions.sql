-- Assertions by which senders have got tokens: none of them gets another one (adapter.ledger.access).
CREATE TABLE assertions (
    name TEXT PRIMARY KEY,               -- a hash of the client and its jti
    until DOUBLE PRECISION NOT NULL      -- nothing would take the assertion after this time
);
CREATE INDEX assertions_until ON assertions (until);
