"""Power and water cuts that are known beforehand."""
