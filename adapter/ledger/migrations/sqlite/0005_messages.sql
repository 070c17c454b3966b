-- Which FHIR message each Bundle.id was seen with, for reliable messaging: one that comes again with another
-- MessageHeader.id is an error. Both ids are kept as hashes; `message` is a key of receipts.
CREATE TABLE message_ids (
    sender TEXT NOT NULL,
    bundle TEXT NOT NULL,
    message TEXT NOT NULL,
    seen_at REAL NOT NULL,
    PRIMARY KEY (sender, bundle)
) WITHOUT ROWID;
