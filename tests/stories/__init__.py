"""What users live through, told over real parts."""
