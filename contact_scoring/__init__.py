"""What people run around the dbt project: scoring, publishing, and reading what was scored."""
