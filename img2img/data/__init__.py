"""Folders of pictures → checked, shuffled, augmented batches; and what the critic is shown of them."""
