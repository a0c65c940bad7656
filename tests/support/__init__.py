"""What several tests share: pictures, networks and runs, made on the spot."""
