"""What all tests may use: real servers, started when first asked for, and applications on each storage."""

pytest_plugins = ["cliquet.testing.plugin", "cliquet.testing.storages"]
