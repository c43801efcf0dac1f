"""The changes of the schema, one a file in `versions`, for Alembic; a released one is never changed."""
