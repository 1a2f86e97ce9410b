"""What the front desk does: declares, foresees, reports, changes, closes."""
