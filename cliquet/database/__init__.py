"""SQL databases: connections, transactions, statements, migrations."""
