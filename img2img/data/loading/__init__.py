"""From files to batches: the order of pictures, their decoding, the workers that make batches ahead of need."""
