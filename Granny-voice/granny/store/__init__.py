"""What must last beyond a call: calls, alerts to be sent, what was told, links; in SQLite, or in PostgreSQL for many.

    rows        what is kept, as values: frozen, and free of SQL
    schema      the tables
    standing    in which version a database is, asked without SQLAlchemy
    migrating   brings a database to this version, wholly or not at all
    store       a database that is open: its `calls`, `outbox`, `told` and `links`
    spending    what calls have cost, beside what they may
    clerk       one thread that asks it, for whoever must not wait

`import granny.store` and `rows`, `standing` and `clerk` cost nothing; what needs SQLAlchemy, some 18 MB, is imported
where it is first needed.
"""
