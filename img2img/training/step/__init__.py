"""One step of training: its batch prepared, its players charged, its rates."""
