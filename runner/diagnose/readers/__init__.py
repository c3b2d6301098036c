"""One module for each form in which an error arrives: text, XML, CSV, JSON, CLIXML and event log files."""
