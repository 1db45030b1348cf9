"""What the SQL storages share: tables, compiler, statements, unit of work."""
