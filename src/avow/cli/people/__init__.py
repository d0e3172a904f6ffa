"""Many people at once, or one for the last time: the commands that bring people in, take them out, and forget them."""
