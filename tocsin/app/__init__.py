"""The program: wiring, the ordered list of chores, worker, web server, command line and demo."""
