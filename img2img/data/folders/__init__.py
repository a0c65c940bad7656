"""What lies in a folder: which pictures belong together, which are held out, what is wrong with them."""
