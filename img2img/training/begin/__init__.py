"""What a run begins with: weights from elsewhere, or what it saved itself."""
