"""What a photo says besides its pixels, read, put right and carried: EXIF, XMP, ICC, colour."""
