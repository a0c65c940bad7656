"""What each file format says of its pictures, and how its damage is found."""
