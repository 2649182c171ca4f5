"""The package; its tools are set up in pyproject.toml."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(
    r'^__version__ = "(.+)"$', (HERE / "devlxd/__init__.py").read_text(), re.MULTILINE
)
assert VERSION is not None

setup(
    name="devlxd",
    version=VERSION[1],
    description="Tells containers and VMs about themselves, in LXD's guest API.",
    long_description=(HERE / "README.md").read_text(),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.11",
    packages=[
        *find_packages(include=["devlxd", "devlxd.*"]),
        # Not a package of ours: a directory on Twisted's plugin path.
        "twisted.plugins",
    ],
    package_data={"devlxd": ["py.typed", "stores/schema/*.sql"]},
    entry_points={
        "console_scripts": [
            "devlxd=devlxd.client.cli:main",
            "devlxdctl=devlxd.ctl.cli:main",
        ]
    },
    # Why each is here: docs/dependencies.md
    install_requires=[
        "attrs>=23.2",
        "autobahn>=24.4.2",
        "klein>=24.8.0",
        "multipart>=2.0",
        "PyYAML>=6.0.1",
        "treq>=24.9.1",
        "Twisted>=24.11",
        "werkzeug>=3.0",
        "zope.interface>=7.0.1",
    ],
)
