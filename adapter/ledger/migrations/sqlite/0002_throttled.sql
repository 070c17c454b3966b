-- How many waits a register has asked for since it last accepted anything: each lengthens the shortest one.
ALTER TABLE gates ADD COLUMN throttled INTEGER NOT NULL DEFAULT 0;
