"""The playbook language: one YAML file becomes one checked, frozen `Playbook`, or a list of problems that say where and what instead."""
