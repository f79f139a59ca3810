"""One module per group of commands; named in the table of server/cli.py."""
