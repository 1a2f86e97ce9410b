"""What the service promises in figures, measured on this machine: `python -m benchmarks NAME [--json] [--quick]`."""
