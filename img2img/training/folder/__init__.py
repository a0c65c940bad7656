"""What a run leaves in its folder: checkpoints, logs, and the lock of the session that writes them."""
