"""Physical fields: variables, calendars, vectors, derived forcing."""
