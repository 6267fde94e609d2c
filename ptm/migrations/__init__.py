"""The history of the tables, one file a change. `sunvai db upgrade` brings a database to the newest."""
