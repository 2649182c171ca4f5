-- What is known of images, and their aliases.  The files are in a directory beside the
-- database.  A document is JSON, see devlxd/stores/records.py.

CREATE TABLE image (
    project TEXT NOT NULL,
    name TEXT NOT NULL,  -- the fingerprint
    document TEXT NOT NULL,
    PRIMARY KEY (project, name)
) WITHOUT ROWID;

CREATE TABLE alias (
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (project, name)
) WITHOUT ROWID;
