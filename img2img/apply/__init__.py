"""Photo to photo through a network, and many of them."""
