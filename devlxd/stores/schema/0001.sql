-- A document is JSON, see devlxd/stores/records.py.

CREATE TABLE instance (
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (project, name)
);

CREATE TABLE profile (
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (project, name)
);

CREATE TABLE note (
    key TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL
);
