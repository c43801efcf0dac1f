"""Every fault, provoked: the tables that the tests walk."""
