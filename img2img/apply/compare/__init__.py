"""Before beside after: one self-contained page of sliders."""
