"""What every room asks of the file system: whole lines, locks, regular files, structures of bounded depth."""
