"""Terms of losses that recipes take: each by itself, with the paper it is from."""
