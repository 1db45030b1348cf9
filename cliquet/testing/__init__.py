"""What applications and backends are tested with."""
