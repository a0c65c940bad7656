"""What lenses, sensors, prints and files do to a picture; the ranges and shares are those of `Degradation`."""
