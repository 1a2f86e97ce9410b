"""The small explorer: holds the properties of a playbook by running the engine itself through what people, time and facts may do."""
