"""The ground floor: settings, clock, phone numbers, errors, permissions, audit and the records of the domain."""
