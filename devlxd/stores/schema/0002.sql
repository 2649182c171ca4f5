-- The journal: the last events of every instance, and how many there have been.  The
-- count outlives the instance, so that a number never means two events.

CREATE TABLE event (
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    seq INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,  -- nanoseconds since 1970
    type TEXT NOT NULL,
    metadata TEXT NOT NULL,  -- JSON
    PRIMARY KEY (project, name, seq)
) WITHOUT ROWID;

CREATE TABLE sequence (
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (project, name)
) WITHOUT ROWID;
