"""The command line: thin, lazy, one spelling for one thing."""
