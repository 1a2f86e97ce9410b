"""What every channel in the registry has to pass. A channel joins with one file in `adapters/`."""
