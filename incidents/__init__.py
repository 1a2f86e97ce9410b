"""What is happening: declaring, the timeline, the conductor that runs playbooks, and answers."""
