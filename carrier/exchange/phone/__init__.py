"""A basic phone in the browser, and beside it what the two servers say to each other about its call."""
