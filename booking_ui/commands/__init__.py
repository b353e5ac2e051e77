"""A module a command. Only they speak to a terminal, and each imports the clinic when it runs, so that help is quick."""
