"""What a run shows of itself: lines and a bar, sheets of samples, pages."""
