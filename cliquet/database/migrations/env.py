"""What Alembic runs: the migrations, on the connection that :mod:`cliquet.database.migrations.upgrade` holds."""

from alembic import context

from cliquet.database.migrations.upgrade import VERSION_TABLE

connection = context.config.attributes["connection"]
if context.is_offline_mode():
    context.configure(dialect_name=connection.dialect.name, version_table=VERSION_TABLE, literal_binds=True)
else:
    context.configure(connection=connection, version_table=VERSION_TABLE, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
