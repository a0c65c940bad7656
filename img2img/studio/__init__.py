"""A page for photos in the browser, and the same commands over HTTP."""
