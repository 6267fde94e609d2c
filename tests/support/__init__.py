"""What several kinds of tests stand on: real servers, settings, a cast by role."""
