-- The version of rules, maps and tables that an operator took into use last: nodes compare now and then, since a
-- notice reaches only who listens at that moment.

CREATE TABLE in_use (
    what TEXT PRIMARY KEY,               -- 'rules'
    version TEXT NOT NULL,
    number INTEGER NOT NULL,              -- counts how often one was taken into use
    since REAL NOT NULL
) STRICT;
