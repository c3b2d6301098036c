"""From a text, an event log or a host's own log to ranked causes."""
